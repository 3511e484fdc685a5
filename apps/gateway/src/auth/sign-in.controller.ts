import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Logger } from '@commissary/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LOGGER } from '../connections/tokens.js';
import { sendPage } from '../http/page.js';
import { Public } from './access.decorators.js';
import { safeReturnTo, SESSION, SIGN_IN } from './dashboard-session.js';
import { IssuerClient } from './issuer-client.js';
import { SealedCookies } from './sealed-cookies.js';

const signInQuery = z.object({ returnTo: z.string().optional() });

const TRY_AGAIN = '<p><a href="/auth/sign-in">Sign in again</a></p>';

/** Sign-in of the dashboards in a browser. [OPS-1] */
@Controller('auth')
@Public({ limitByAddress: true })
@ApiExcludeController()
export class SignInController {
  constructor(
    private readonly issuer: IssuerClient,
    private readonly cookies: SealedCookies,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get('sign-in')
  async signIn(
    @Query({ schema: signInQuery }) query: z.infer<typeof signInQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      const { url, ...started } = await this.issuer.start();
      const sealed = await this.cookies.sealed(SIGN_IN, {
        ...started,
        returnTo: safeReturnTo(query.returnTo),
      });
      void reply.headers({ 'set-cookie': sealed, 'cache-control': 'no-store' }).redirect(url, 303);
    } catch (error) {
      this.logger.warn({ err: error, requestId: request.id }, 'the issuer cannot be reached for a sign-in');
      sendPage(reply, 503, 'Sign-in is unavailable', `<p>Please try again in a moment.</p>${TRY_AGAIN}`);
    }
  }

  @Get('callback')
  async callback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const started = await this.cookies.read(request.headers.cookie, SIGN_IN);
    if (!started) {
      sendPage(reply, 400, 'Sign-in has expired', TRY_AGAIN);
      return;
    }
    try {
      const identity = await this.issuer.finish(request.url, started);
      const cookies = [await this.cookies.sealed(SESSION, identity), this.cookies.cleared(SIGN_IN)];
      void reply
        .headers({ 'set-cookie': cookies, 'cache-control': 'no-store' })
        .redirect(safeReturnTo(started.returnTo), 303);
    } catch (error) {
      this.logger.warn({ err: error, requestId: request.id }, 'sign-in refused');
      sendPage(reply, 400, 'Sign-in did not succeed', TRY_AGAIN);
    }
  }

  @Get('sign-out')
  signOut(@Res() reply: FastifyReply): void {
    void reply.header('set-cookie', this.cookies.cleared(SESSION));
    sendPage(reply, 200, 'Signed out', TRY_AGAIN);
  }
}
