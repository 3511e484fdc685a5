import { Injectable } from '@nestjs/common';
import { DomainError } from '@commissary/domain';
import {
  InvalidTokenError,
  KeysUnavailableError,
  TokenVerifier,
  type TokenClaims,
} from '@commissary/platform';
import {
  type TenantDocument,
  TenantsRepository,
  type UserDocument,
  UsersRepository,
} from '@commissary/store';

/** A living, active account and its own tenant. */
export interface Identity {
  user: UserDocument;
  homeTenant: TenantDocument;
  /** When the token that says so is over. */
  expiresAt?: Date;
}

/** From a bearer token, or the claims of a session, to the directory account as it is now. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly users: UsersRepository,
    private readonly tenants: TenantsRepository,
  ) {}

  /** Throws `unauthenticated`, `account_inactive` or, if the issuer's keys were never to be had, `unavailable`. */
  async byAuthorization(header: string | undefined): Promise<Identity> {
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) throw unauthenticated('Send an access token in the header Authorization.');
    const claims = await this.claimsOf(token);
    return { ...(await this.byClaims(claims)), expiresAt: claims.expiresAt };
  }

  /** Reads account and roles from the directory. Throws `unauthenticated` or `account_inactive`. */
  async byClaims({ userId, tenantId }: Omit<TokenClaims, 'expiresAt'>): Promise<Identity> {
    const [user, homeTenant] = await Promise.all([
      this.users.find(tenantId, userId),
      this.tenants.find(tenantId),
    ]);
    if (!user || !homeTenant) throw unauthenticated('The token names no account of this directory.');
    if (user.state !== 'active') throw new DomainError('account_inactive', 'This account is not active.');
    return { user, homeTenant };
  }

  private async claimsOf(token: string): Promise<TokenClaims> {
    try {
      return await this.tokens.verify(token);
    } catch (error) {
      if (error instanceof InvalidTokenError) throw unauthenticated('The access token is not valid.');
      if (!(error instanceof KeysUnavailableError)) throw error;
      throw new DomainError('unavailable', 'Sign-in cannot be checked at the moment. Please try again.', {
        retryAfterSeconds: 5,
      });
    }
  }
}

const unauthenticated = (detail: string): DomainError => new DomainError('unauthenticated', detail);
