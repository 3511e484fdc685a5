import type { Server } from 'node:http';
import { closeServer, createHttpServer, listenOn } from '@commissary/stack/http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export const AUDIENCE = 'urn:commissary:api';

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

const newKey = async (kid: string, alg: 'RS256' | 'ES256'): Promise<SigningKey> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
};

/** What a token is to differ in from a good one. */
export interface TokenChanges {
  header?: Record<string, unknown>;
  claims?: JWTPayload;
  key?: SigningKey;
}

/** An issuer whose keys and moods a test decides: real HTTP, real signatures. */
export class TestIssuer {
  /** Reads of the keys so far. */
  reads = 0;
  private published: SigningKey[];
  private server: Server | null = null;
  private port = 0;

  private constructor(public key: SigningKey) {
    this.published = [key];
  }

  static async start(): Promise<TestIssuer> {
    const issuer = new TestIssuer(await newKey('k1', 'RS256'));
    await issuer.listen();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Signs with a new key from now on; the old one stays published unless withdrawn. */
  async rotate(kid: string, alg: 'RS256' | 'ES256' = 'RS256'): Promise<void> {
    this.key = await newKey(kid, alg);
    this.published.push(this.key);
  }

  /** A key of nobody's. */
  foreignKey(kid: string): Promise<SigningKey> {
    return newKey(kid, 'RS256');
  }

  token(
    user: { _id: string; tenantId: string },
    { header, claims, key = this.key }: TokenChanges = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: this.url,
      aud: AUDIENCE,
      sub: user._id,
      tid: user.tenantId,
      iat: now,
      exp: now + 3600,
      ...claims,
    })
      .setProtectedHeader({ alg: key.publicJwk.alg ?? 'RS256', kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
  }

  /** Comes back at its old address. */
  async listen(): Promise<void> {
    const server = createHttpServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/jwks') {
        this.reads += 1;
        response.end(JSON.stringify({ keys: this.published.map((key) => key.publicJwk) }));
        return;
      }
      response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/jwks` }));
    });
    this.port = Number(new URL(await listenOn(server, this.port, '127.0.0.1')).port);
    this.server = server;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server !== null) await closeServer(server);
  }
}
