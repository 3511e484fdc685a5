import { Injectable } from '@nestjs/common';
import { DomainError } from '@commissary/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator, type Identity } from '../auth/authenticator.js';
import { SESSION } from '../auth/dashboard-session.js';
import { SealedCookies } from '../auth/sealed-cookies.js';
import { TenancyService } from '../auth/tenancy.service.js';
import { escapeHtml, sendPage } from '../http/page.js';

const SIGN_IN_LINK = '<p><a href="/auth/sign-in?returnTo=/queues">Sign in</a></p>';

/** Before anything under `/queues` is served: an operator's bearer token or session, or a page that says what to do. [OPS-1] */
@Injectable()
export class QueuesGuard {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly tenancy: TenancyService,
    private readonly cookies: SealedCookies,
  ) {}

  /** For Fastify's `onRequest`: true if the request may go on; otherwise it has been answered. */
  async admits(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const identity = await this.identify(request);
    if (!identity) {
      void reply.header('www-authenticate', 'Bearer realm="commissary"');
      sendPage(reply, 401, 'Sign-in is needed', `<p>The queues are for operators.</p>${SIGN_IN_LINK}`);
      return false;
    }
    const { permissions } = await this.tenancy.standingOf(identity, undefined);
    if (permissions.has('queues.view')) return true;
    const name = escapeHtml(identity.user.email);
    const another = SIGN_IN_LINK.replace('Sign in', 'Sign in with another account');
    sendPage(reply, 403, 'Not allowed', `<p>You are ${name}. The queues are for operators.</p>${another}`);
    return false;
  }

  private async identify(request: FastifyRequest): Promise<Identity | null> {
    try {
      const { authorization } = request.headers;
      if (authorization !== undefined) return await this.authenticator.byAuthorization(authorization);
      const session = await this.cookies.read(request.headers.cookie, SESSION);
      return session && (await this.authenticator.byClaims(session));
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'unavailable') return null;
      throw error;
    }
  }
}
