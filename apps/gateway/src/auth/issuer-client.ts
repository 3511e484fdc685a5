import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { GatewayEnv } from '@commissary/platform';
import * as oidc from 'openid-client';
import { z } from 'zod';

/** What the browser has to remember of a sign-in, and where it goes. */
export interface SignInStart {
  url: string;
  state: string;
  nonce: string;
  codeVerifier: string;
}

const claimsSchema = z.object({ sub: z.string().min(1), tid: z.string().min(1) });

/** Signs people in at the issuer: code flow with PKCE, as a public client. [OPS-1] */
@Injectable()
export class IssuerClient {
  private configuration: Promise<oidc.Configuration> | null = null;
  private readonly redirectUri: string;

  constructor(private readonly config: ConfigService<GatewayEnv, true>) {
    this.redirectUri = new URL('/auth/callback', config.get('PUBLIC_URL', { infer: true })).href;
  }

  async start(): Promise<SignInStart> {
    const configuration = await this.discovered();
    const [state, nonce, codeVerifier] = [
      oidc.randomState(),
      oidc.randomNonce(),
      oidc.randomPKCECodeVerifier(),
    ];
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.redirectUri,
      scope: 'openid',
      // Who comes here because another account was refused has to be able to choose.
      prompt: 'login',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, state, nonce, codeVerifier };
  }

  /** `query` is what the issuer sent the browser back with. Throws if anything of it is not as it was started. */
  async finish(
    query: string,
    started: Omit<SignInStart, 'url'>,
  ): Promise<{ userId: string; tenantId: string }> {
    const tokens = await oidc.authorizationCodeGrant(
      await this.discovered(),
      new URL(query, this.redirectUri),
      {
        expectedState: started.state,
        expectedNonce: started.nonce,
        pkceCodeVerifier: started.codeVerifier,
        idTokenExpected: true,
      },
    );
    const { sub, tid } = claimsSchema.parse(tokens.claims());
    return { userId: sub, tenantId: tid };
  }

  private discovered(): Promise<oidc.Configuration> {
    this.configuration ??= this.discover().catch((error: unknown) => {
      this.configuration = null;
      throw error;
    });
    return this.configuration;
  }

  private discover(): Promise<oidc.Configuration> {
    const issuer = this.config.get('OIDC_ISSUER', { infer: true });
    const clientId = this.config.get('OIDC_CLIENT_ID', { infer: true });
    // An issuer without TLS is one of a development stack on this machine.
    const execute = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    return oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), { execute });
  }
}
