import type { Server } from 'node:http';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { closeServer, createHttpServer, listenOn } from '@commissary/stack/http';
import { changedBy } from './support/database.js';
import { adminOf, bearer, newcomer, tenantIdOf } from './support/people.js';
import { type Person, verdictOf } from './support/person.js';
import { runDir, stack } from './support/stack.js';

const AUDIENCE = 'urn:commissary:api';
const REFUSED = '401 unauthenticated';
const HOUR = 3_600;

interface Forge {
  header?: Partial<JWTHeaderParameters>;
  claims?: JWTPayload;
  key?: CryptoKey | Uint8Array;
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An attacker's key set, with a count of who came for it. */
class Lair {
  visits = 0;
  private server!: Server;

  async open(key: JWK): Promise<string> {
    this.server = createHttpServer((_request, response) => {
      this.visits += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] }));
    });
    return `${await listenOn(this.server, 0, '127.0.0.1')}/jwks`;
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }
}

describe('forged tokens are unauthenticated, whatever is wrong with them [EXT-1]', () => {
  let admin: Person;
  let tenantId: string;
  /** The issuer's own: so that each forgery is wrong in one thing only. */
  let signing: JWK;
  let ownKey: CryptoKey;
  let stolen: { privateKey: CryptoKey; publicJwk: JWK };
  let lairUrl: string;
  const lair = new Lair();

  beforeAll(async () => {
    admin = await adminOf('contoso.example');
    tenantId = await tenantIdOf(admin);
    const file = path.join(runDir(), 'data', 'issuer-keys.json');
    signing = (JSON.parse(readFileSync(file, 'utf8')) as { signing: JWK }).signing;
    ownKey = (await importJWK(signing, 'RS256')) as CryptoKey;
    const pair = await generateKeyPair('RS256', { extractable: true });
    stolen = {
      privateKey: pair.privateKey,
      publicJwk: { ...(await exportJWK(pair.publicKey)), kid: 'lair' },
    };
    lairUrl = await lair.open(stolen.publicJwk);
  });

  afterAll(() => lair.close());

  const claimsWith = (claims: JWTPayload = {}): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    const own = {
      iss: stack().issuer,
      aud: AUDIENCE,
      sub: admin.userId,
      tid: tenantId,
      iat: now,
      exp: now + HOUR,
    };
    return { ...own, ...claims };
  };

  const forge = ({ header = {}, claims, key = ownKey }: Forge = {}): Promise<string> =>
    new SignJWT(claimsWith(claims))
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: signing.kid ?? '', ...header })
      .sign(key);

  const refused = async (token: string): Promise<void> => {
    const forger = bearer(token);
    const changed = await changedBy(async () => {
      const read = await forger.get('/v1/subscriptions');
      expect(verdictOf(read)).toBe(REFUSED);
      expect(read.headers.get('www-authenticate')).toMatch(/^Bearer .*invalid_token/);
      const write = await forger.post('/v1/users', {
        email: 'forger@contoso.example',
        displayName: 'Forger',
      });
      expect(verdictOf(write)).toBe(REFUSED);
    });
    expect(changed).toEqual([]);
  };

  it('takes what it forges with nothing wrong, so that each refusal below has its one reason', async () => {
    expect((await bearer(await forge()).get('/v1/me')).status).toBe(200);
  });

  it('alg none', async () => {
    const header = base64url({ alg: 'none', typ: 'at+jwt', kid: signing.kid });
    await refused(`${header}.${base64url(claimsWith())}.`);
    const body = (await forge()).split('.').slice(0, 2).join('.');
    await refused(`${body}.`);
  });

  it('HS256 with the public key as secret', async () => {
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = signing;
    const publicKey = (await importJWK(publicJwk, 'RS256', { extractable: true })) as CryptoKey;
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(publicJwk), signing.n ?? '']) {
      await refused(await forge({ header: { alg: 'HS256' }, key: new TextEncoder().encode(secret) }));
    }
  });

  it("another's key under the issuer's kid", async () => {
    await refused(await forge({ key: stolen.privateKey }));
  });

  it('a foreign kid, a jku, an x5u and a key in the header: nobody is asked for keys', async () => {
    const { privateKey: key, publicJwk: jwk } = stolen;
    await refused(await forge({ key, header: { kid: 'lair' } }));
    await refused(await forge({ key, header: { kid: 'lair', jku: lairUrl } }));
    await refused(await forge({ key, header: { kid: 'lair', x5u: lairUrl } }));
    await refused(await forge({ key, header: { kid: 'lair', jwk } }));
    expect(lair.visits).toBe(0);
  });

  const FORGERIES: Record<string, Forge> = {
    'another issuer': { claims: { iss: 'https://issuer.example' } },
    'no issuer': { claims: { iss: undefined } },
    'another audience': { claims: { aud: 'urn:another:api' } },
    'no audience': { claims: { aud: undefined } },
    'an ID token’s type': { header: { typ: 'JWT' } },
    'no type': { header: { typ: undefined } },
    'an expiry in the past': { claims: { exp: Math.floor(Date.now() / 1000) - 120 } },
    'no expiry': { claims: { exp: undefined } },
    'a beginning in the future': { claims: { nbf: Math.floor(Date.now() / 1000) + HOUR } },
    'nobody as subject': { claims: { sub: 'usr_00000000000000000000000000' } },
    'no subject': { claims: { sub: undefined } },
    'no tenant': { claims: { tid: undefined } },
    'an object as subject': { claims: { sub: { $ne: '' } as unknown as string } },
    'an object as tenant': { claims: { tid: { $ne: '' } } },
  };

  it.each(Object.keys(FORGERIES))('%s', async (what) => {
    await refused(await forge(FORGERIES[what]));
  });

  it('a user of another tenant than the token says', async () => {
    const foreign = await tenantIdOf(await newcomer({ domain: 'litware.example' }));
    await refused(await forge({ claims: { tid: foreign } }));
  });

  it.each(['', 'x', 'a.b.c', `${'a'.repeat(5_000)}.b.c`])('what is no token: "%.20s"', async (token) => {
    const answer = await bearer(token).get('/v1/me');
    expect(verdictOf(answer)).toBe(REFUSED);
  });

  it('another scheme', async () => {
    const { email } = admin;
    const answer = await bearer('').get('/v1/me', { authorization: `Basic ${btoa(`${email}:x`)}` });
    expect(verdictOf(answer)).toBe(REFUSED);
  });

  it('an account disabled or deleted after its token was given is account_inactive', async () => {
    const someone = await newcomer();
    expect((await someone.get('/v1/me')).status).toBe(200);
    await admin.patch(`/v1/users/${someone.userId}`, { state: 'disabled' });
    expect(verdictOf(await someone.get('/v1/me'))).toBe('401 account_inactive');
    await admin.patch(`/v1/users/${someone.userId}`, { state: 'active' });
    expect((await someone.get('/v1/me')).status).toBe(200);
    await admin.delete(`/v1/users/${someone.userId}`);
    expect(verdictOf(await someone.get('/v1/me'))).toBe('401 account_inactive');
  });
});
