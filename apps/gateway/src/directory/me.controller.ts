import { Controller, Get } from '@nestjs/common';
import { type MeView, meSchema } from '@commissary/contracts';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';
import { userView } from './user.view.js';

@Controller('v1/me')
export class MeController {
  /** Who am I, and what may I do? */
  @Get()
  @Requires('self.read')
  @Answers(200, meSchema)
  me(@Caller() ctx: RequestContext): MeView {
    const { tenant } = ctx;
    return {
      ...userView(ctx.user),
      tenant: { id: tenant._id, domain: tenant.domains[0] ?? '', displayName: tenant.displayName },
      permissions: [...ctx.permissions],
    };
  }
}
