import { Controller, Get, Query } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import {
  type DiscoveryQuery,
  discoveryQuery,
  discoverySchema,
  type DiscoveryView,
} from '@commissary/contracts';
import type { GatewayEnv } from '@commissary/platform';
import { TenantsRepository } from '@commissary/store';
import { Public } from '../auth/access.decorators.js';
import { Answers } from '../openapi/answers.js';

/** The first step of a purchase: does the address belong to a managed tenant, and where does one sign in? [BUY-1] */
@Controller('v1/discovery')
export class DiscoveryController {
  private readonly signInUrl: string;

  constructor(
    private readonly tenants: TenantsRepository,
    config: ConfigService<GatewayEnv, true>,
  ) {
    this.signInUrl = new URL('/auth/sign-in', config.get('PUBLIC_URL', { infer: true })).href;
  }

  /** Looks at the domain alone: whether the account exists makes no difference, not even in time. */
  @Get()
  @Public({ limitByAddress: true })
  @Answers(200, discoverySchema)
  async discover(@Query({ schema: discoveryQuery }) { email }: DiscoveryQuery): Promise<DiscoveryView> {
    const tenant = await this.tenants.findByDomain(email.slice(email.lastIndexOf('@') + 1));
    const managed = tenant?.managed ?? false;
    return { managed, signInUrl: managed ? this.signInUrl : null };
  }
}
