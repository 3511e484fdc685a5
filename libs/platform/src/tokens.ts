import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type FlattenedJWSInput,
  type JWTHeaderParameters,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import type { Clock } from './clock.js';

/** Who the token speaks for. Roles are not in it: the directory is asked for them. */
export interface TokenClaims {
  userId: string;
  tenantId: string;
  /** From then on it is good no more. */
  expiresAt: Date;
}

/** The token is not one of this issuer for this API, or its time is over. The message is for logs. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}

/** The issuer's keys have never been read and cannot be read now. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

export interface TokenVerifierOptions {
  issuer: string;
  audience: string;
  clock: Clock;
}

/** Symmetric algorithms and `none` are no part of it, so that a public key can never serve as a secret. */
const ALGORITHMS = ['RS256', 'ES256'];

/** How soon after a read an unknown key id may cause another one; and how long a failed read is not repeated. */
const COOLDOWN_MS = 2_000;

/** How old keys may get before they are read again, so that withdrawn ones go. */
const REFRESH_MS = 300_000;

const claimsSchema = z.object({ sub: z.string().min(1), tid: z.string().min(1), exp: z.number() });
const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** The issuer's published keys. Once read they serve on while the issuer is away. */
class IssuerKeys {
  private remote: ReturnType<typeof createRemoteJWKSet> | null = null;
  private failedAt = -Infinity;
  private refreshedAt = performance.now();

  constructor(private readonly issuer: string) {}

  /** The key a token names; throws jose's `JWKSNoMatchingKey`, or `KeysUnavailableError` before the first read. */
  readonly resolve = async (header: JWTHeaderParameters, token: FlattenedJWSInput) => {
    if (performance.now() - this.failedAt < COOLDOWN_MS) return this.known()(header, token);
    try {
      this.remote ??= await this.discover();
      this.refreshInBackground(this.remote);
      return await this.remote(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      this.failedAt = performance.now();
      return this.known()(header, token);
    }
  };

  private known() {
    const keys = this.remote?.jwks();
    if (!keys) throw new KeysUnavailableError(`the keys of ${this.issuer} cannot be read`);
    return createLocalJWKSet(keys);
  }

  private async discover(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    const url = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const metadata = metadataSchema.parse(await response.json());
    if (metadata.issuer !== this.issuer) throw new Error(`the issuer calls itself ${metadata.issuer}`);
    return createRemoteJWKSet(new URL(metadata.jwks_uri), {
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: Number.POSITIVE_INFINITY,
    });
  }

  private refreshInBackground(remote: ReturnType<typeof createRemoteJWKSet>): void {
    if (performance.now() - this.refreshedAt < REFRESH_MS) return;
    this.refreshedAt = performance.now();
    remote.reload().catch(() => undefined);
  }
}

const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;

/** Checks access tokens: algorithm, issuer, audience, type, times and signature by one of the issuer's own keys. */
export class TokenVerifier {
  private readonly keys: IssuerKeys;

  constructor(private readonly options: TokenVerifierOptions) {
    this.keys = new IssuerKeys(options.issuer);
  }

  /** Throws `InvalidTokenError`, or `KeysUnavailableError` if no key was ever to be had. */
  async verify(token: string): Promise<TokenClaims> {
    const { issuer, audience, clock } = this.options;
    try {
      const { payload } = await jwtVerify(token, this.keys.resolve, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        typ: 'at+jwt',
        currentDate: clock.now(),
        requiredClaims: ['exp', 'sub'],
      });
      const { sub, tid, exp } = claimsSchema.parse(payload);
      return { userId: sub, tenantId: tid, expiresAt: new Date(exp * 1000) };
    } catch (error) {
      if (error instanceof KeysUnavailableError) throw error;
      throw new InvalidTokenError(error instanceof Error ? error.message : 'not a token');
    }
  }
}
