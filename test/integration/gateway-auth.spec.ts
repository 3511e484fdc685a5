import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MeView } from '@commissary/contracts';
import type { TenantDocument, UserDocument } from '@commissary/store';
import { SignJWT } from 'jose';
import { TestGateway } from '../support/gateway/test-gateway.js';
import type { TokenChanges } from '../support/gateway/test-issuer.js';
import { collectionsOf } from '../support/driver.js';

let gateway: TestGateway;
let tenant: TenantDocument;
let user: UserDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  tenant = await gateway.tenant();
  user = await gateway.user(tenant);
});

afterAll(() => gateway.close());

const withToken = (token: string) =>
  gateway.ask('GET', '/v1/me', { headers: { authorization: `Bearer ${token}` } });
const now = () => Math.floor(Date.now() / 1000);
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('access tokens', () => {
  it('[API] a good one names the user, whose roles come from the directory', async () => {
    const me = await gateway.as<MeView>(user, 'GET', '/v1/me');
    expect([me.status, me.body.id, me.body.roles]).toEqual([200, user._id, []]);
    await collectionsOf(gateway.database).users.updateOne(
      { _id: user._id },
      { $set: { roles: ['globalReader'] } },
    );
    expect((await gateway.as<MeView>(user, 'GET', '/v1/me')).body.roles).toEqual(['globalReader']);
  });

  it.each<[string, TokenChanges]>([
    ['another issuer', { claims: { iss: 'https://elsewhere.example' } }],
    ['another audience', { claims: { aud: 'urn:other' } }],
    ['an ID token', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['its time over', { claims: { exp: now() - 5 } }],
    ['no end', { claims: { exp: undefined } }],
    ['a time to come', { claims: { nbf: now() + 600 } }],
    ['no tenant', { claims: { tid: undefined } }],
    ['another tenant', { claims: { tid: 'ten_other' } }],
    ['an unknown user', { claims: { sub: 'usr_nobody' } }],
  ])('[FAULTS] a token with %s is 401 unauthenticated', async (_case, changes) => {
    const reply = await withToken(await gateway.issuer.token(user, changes));
    expect([reply.status, reply.body.code]).toEqual([401, 'unauthenticated']);
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  });

  it('[FAULTS] forged signatures are 401: none, HS256 by the public key, a foreign key under a known id, jku', async () => {
    const good = await gateway.issuer.token(user);
    const [, payload = ''] = good.split('.');
    const { publicJwk, kid } = gateway.issuer.key;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const secret = new TextEncoder().encode(JSON.stringify(publicJwk));
    const foreign = await gateway.issuer.foreignKey(kid);
    const forged = [
      `${base64({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' }).sign(secret),
      await gateway.issuer.token(user, { key: foreign }),
      await gateway.issuer.token(user, {
        key: await gateway.issuer.foreignKey('theirs'),
        header: { jku: `${gateway.issuer.url}/jwks` },
      }),
      `${good.slice(0, -3)}AAA`,
      'not a token',
      '',
    ];
    for (const token of forged) {
      const reply = await withToken(token);
      expect([reply.status, reply.body.code]).toEqual([401, 'unauthenticated']);
    }
  });

  it.each(['disabled', 'deleted'] as const)('[API] a %s account is 401 account_inactive', async (state) => {
    const gone = await gateway.user(tenant, { state });
    const reply = await gateway.as(gone, 'GET', '/v1/me');
    expect([reply.status, reply.body.code]).toEqual([401, 'account_inactive']);
  });

  it('[FAULTS] a new key is found within seconds, and unknown ids do not make the gateway hammer the issuer', async () => {
    await withToken(await gateway.issuer.token(user));
    await gateway.issuer.rotate('k2', 'ES256');
    const deadline = Date.now() + 5_000;
    let status = 401;
    while (status !== 200 && Date.now() < deadline) {
      status = (await withToken(await gateway.issuer.token(user))).status;
    }
    expect(status).toBe(200);
    const reads = gateway.issuer.reads;
    const foreign = await gateway.issuer.foreignKey('unknown');
    const began = performance.now();
    const replies = await Promise.all(
      Array.from({ length: 50 }, async () => withToken(await gateway.issuer.token(user, { key: foreign }))),
    );
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([401]));
    // The gateway may read the keys once in two seconds, however many ask; a busy machine takes longer than that for all fifty.
    const allowed = 1 + Math.floor((performance.now() - began) / 2_000);
    expect(gateway.issuer.reads - reads).toBeLessThanOrEqual(allowed);
  });

  it('[FAULTS] with the issuer down known keys go on working, and unknown ones are refused', async () => {
    const good = await gateway.issuer.token(user);
    const foreign = await gateway.issuer.token(user, { key: await gateway.issuer.foreignKey('k9') });
    await gateway.issuer.stop();
    try {
      expect((await withToken(good)).status).toBe(200);
      expect((await withToken(foreign)).status).toBe(401);
      expect((await withToken(good)).status).toBe(200);
    } finally {
      await gateway.issuer.listen();
    }
  });

  it('[FAULTS] with the issuer down from the start it is 503 with Retry-After, until it comes', async () => {
    const late = await TestGateway.start();
    try {
      const someone = await late.user(await late.tenant());
      const token = await late.issuer.token(someone);
      await late.issuer.stop();
      const ask = () => late.ask('GET', '/v1/me', { headers: { authorization: `Bearer ${token}` } });
      const reply = await ask();
      expect([reply.status, reply.body.code]).toEqual([503, 'unavailable']);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      await late.issuer.listen();
      const deadline = Date.now() + 5_000;
      let status = 503;
      while (status !== 200 && Date.now() < deadline) status = (await ask()).status;
      expect(status).toBe(200);
    } finally {
      await late.close();
    }
  });
});

describe('the tenant of a request', () => {
  const meIn = (who: UserDocument, domain: string) =>
    gateway.as(who, 'GET', '/v1/users', { headers: { 'commissary-tenant': domain } });

  it('[ADM-7] a partner acts in a tenant that delegated to its own, until the end date', async () => {
    const partnerTenant = await gateway.tenant();
    const partner = await gateway.user(partnerTenant, { roles: ['partner'] });
    const domain = tenant.domains[0] ?? '';
    const { delegations } = collectionsOf(gateway.database);
    const delegation = { _id: 'del_1', tenantId: tenant._id, partnerTenantId: partnerTenant._id };
    expect((await meIn(partner, domain)).body.code).toBe('tenant_not_delegated');
    await delegations.insertOne({ ...delegation, scopes: ['view'], endsAt: new Date(Date.now() + 60_000) });
    expect((await meIn(partner, domain)).status).toBe(200);
    await delegations.updateOne({ _id: 'del_1' }, { $set: { endsAt: new Date(Date.now() - 60_000) } });
    expect((await meIn(partner, domain)).body.code).toBe('tenant_not_delegated');
  });

  it('[ADM-7] unknown tenants and undelegated ones answer alike; others may not name one', async () => {
    const partner = await gateway.user(await gateway.tenant(), { roles: ['partner'] });
    const answers = await Promise.all([
      meIn(partner, 'nobody.example'),
      meIn(partner, tenant.domains[0] ?? ''),
    ]);
    const [unknown, undelegated] = answers.map(({ status, body }) => ({ ...body, status, requestId: '' }));
    expect(unknown).toEqual(undelegated);
    expect(unknown).toMatchObject({ status: 403, code: 'tenant_not_delegated' });
    const plain = await meIn(user, tenant.domains[0] ?? '');
    expect([plain.status, plain.body.code]).toEqual([403, 'tenant_header_forbidden']);
  });
});
