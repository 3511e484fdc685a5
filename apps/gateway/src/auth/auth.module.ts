import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessDeclared } from './access-declared.js';
import { AccessGuard } from './access.guard.js';
import { Authenticator } from './authenticator.js';
import { RateLimiter } from './rate-limiter.js';
import { TenancyService } from './tenancy.service.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    Authenticator,
    TenancyService,
    RateLimiter,
    AccessDeclared,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticator, TenancyService, RateLimiter],
})
export class AuthModule {}
