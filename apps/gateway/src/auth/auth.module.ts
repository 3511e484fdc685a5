import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AccessDeclared } from './access-declared.js';
import { AccessGuard } from './access.guard.js';
import { Authenticator } from './authenticator.js';
import { Callers } from './callers.js';
import { IssuerClient } from './issuer-client.js';
import { RateLimiter } from './rate-limiter.js';
import { SealedCookies } from './sealed-cookies.js';
import { SignInController } from './sign-in.controller.js';
import { TenancyService } from './tenancy.service.js';

@Global()
@Module({
  imports: [DiscoveryModule, RepositoriesModule],
  controllers: [SignInController],
  providers: [
    Authenticator,
    Callers,
    TenancyService,
    RateLimiter,
    AccessDeclared,
    IssuerClient,
    SealedCookies,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticator, Callers, TenancyService, RateLimiter, SealedCookies],
})
export class AuthModule {}
