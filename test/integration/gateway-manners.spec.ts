import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UserView } from '@commissary/contracts';
import type { TenantDocument, UserDocument } from '@commissary/store';
import { type Ask, TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

let gateway: TestGateway;
let tenant: TenantDocument;
let user: UserDocument;
let admin: UserDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  tenant = await gateway.tenant();
  user = await gateway.user(tenant);
  admin = await gateway.user(tenant, { roles: ['globalAdmin'] });
});

afterAll(() => gateway.close());

const usersIn = () => collectionsOf(gateway.database).users.countDocuments({ tenantId: tenant._id });
const post = (ask: Ask) => gateway.as(admin, 'POST', '/v1/users', ask);
const KEY = { 'idempotency-key': 'manners' };

describe('problems', () => {
  it('[EXT-1] are problem+json with every member, for routes that do not exist too', async () => {
    const { status, headers, body } = await gateway.ask('GET', '/v1/nowhere');
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect({ status, body }).toEqual({
      status: 404,
      body: {
        type: '/problems/not_found',
        title: expect.any(String),
        status: 404,
        detail: expect.any(String),
        code: 'not_found',
        requestId: headers.get('request-id'),
      },
    });
  });

  it.each([
    [
      'an unknown field',
      { email: 'a@b.example', displayName: 'A', nickname: 'B' },
      '/nickname',
      'unknown_field',
    ],
    ['a wrong type', { email: 'a@b.example', displayName: 7 }, '/displayName', 'invalid_type'],
    ['a missing field', { displayName: 'A' }, '/email', 'required'],
    ['an operator object', { email: { $ne: null }, displayName: 'A' }, '/email', 'invalid_type'],
    ['NUL in a text', { email: 'a@b.example', displayName: 'A\u0000B' }, '/displayName', 'custom'],
    ['bidi controls', { email: 'a@b.example', displayName: 'A\u202eB' }, '/displayName', 'custom'],
    ['no body', undefined, '/email', 'required'],
    [
      'a list of 100,000',
      { email: 'a@b.example', displayName: 'A', roles: Array(100_000).fill('x') },
      '/roles',
      'too_big',
    ],
  ])(
    '[EXT-1] %s is an invalid_request that names it, and changes nothing',
    async (_case, body, pointer, rule) => {
      const before = await usersIn();
      const reply = await post({ body, headers: KEY });
      expect(reply.status).toBe(400);
      expect(reply.body.code).toBe('invalid_request');
      expect(reply.body.errors).toContainEqual({ pointer, rule, detail: expect.any(String) });
      expect(await usersIn()).toBe(before);
    },
  );

  it.each([
    ['broken JSON', { body: '{"email":' }, 400, 'invalid_request'],
    ['__proto__', { body: '{"__proto__": {"roles": ["globalAdmin"]}}' }, 400, 'invalid_request'],
    ['constructor.prototype', { body: '{"constructor": {"prototype": {}}}' }, 400, 'invalid_request'],
    ['2 MB', { body: { displayName: 'x'.repeat(2_000_000) } }, 413, 'body_too_large'],
    [
      'a form',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    [
      'plain text',
      { body: 'hello', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
  ])('[EXT-1] %s is refused', async (_case, ask: Ask, status, code) => {
    const before = await usersIn();
    const reply = await post({ ...ask, headers: { ...KEY, ...ask.headers } });
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply.body.requestId).toBe(reply.headers.get('request-id'));
    expect(await usersIn()).toBe(before);
  });

  it.each([
    ['/v1/users?limit=0', '/limit'],
    ['/v1/users?limit=1&limit=2', '/limit'],
    ['/v1/users?nope=1', '/nope'],
    ['/v1/users?cursor=!!', '/cursor'],
    ['/v1/operations?status=done', '/status'],
  ])('[EXT-1] a bad query %s names the parameter', async (path, pointer) => {
    const { status, body } = await gateway.as(admin, 'GET', path);
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer]);
  });

  it('[EXT-1] a malformed URL is a problem', async () => {
    const { status, body, headers } = await gateway.ask('GET', '/v1/users/%zz');
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(headers.get('request-id')).toBe(body.requestId);
  });
});

describe('request ids and ETags', () => {
  it('[EXT-1] a sane Request-Id is kept, another one replaced', async () => {
    const sane = await gateway.ask('GET', '/healthz', { headers: { 'request-id': 'trace-42' } });
    expect(sane.headers.get('request-id')).toBe('trace-42');
    const insane = await gateway.ask('GET', '/healthz', { headers: { 'request-id': 'a b<script>' } });
    expect(insane.headers.get('request-id')).toMatch(/^req_/);
  });

  it('[EXT-1] a read carries an ETag and answers 304 to it until it changes', async () => {
    const path = `/v1/users/${user._id}`;
    const first = await gateway.as<UserView>(admin, 'GET', path);
    const etag = first.headers.get('etag') ?? '';
    const again = await gateway.as(admin, 'GET', path, { headers: { 'if-none-match': etag } });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', etag]);
    await collectionsOf(gateway.database).users.updateOne(
      { _id: user._id },
      { $set: { department: 'Sales' } },
    );
    const changed = await gateway.as<UserView>(admin, 'GET', path, { headers: { 'if-none-match': etag } });
    expect([changed.status, changed.body.department]).toEqual([200, 'Sales']);
  });
});

describe('limits', () => {
  it("[EXT-1] more than five seconds' worth at once is 429 with Retry-After and RateLimit headers, per user", async () => {
    const small = await TestGateway.start({ RATE_LIMIT_PER_SECOND: '2' });
    try {
      const contoso = await small.tenant();
      const [busy, calm] = [await small.user(contoso), await small.user(contoso)];
      const replies = await Promise.all(Array.from({ length: 12 }, () => small.as(busy, 'GET', '/v1/me')));
      const limited = replies.filter((reply) => reply.status === 429);
      expect(limited).toHaveLength(2);
      expect(limited[0]?.body.code).toBe('rate_limited');
      expect(Number(limited[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(limited[0]?.headers.get('ratelimit')).toMatch(/^"caller";r=0;t=\d+$/);
      expect((await small.as(calm, 'GET', '/v1/me')).status).toBe(200);
    } finally {
      await small.close();
    }
  });
});

describe('health and documents', () => {
  it('[OPS-2] says what is up', async () => {
    expect((await gateway.ask('GET', '/healthz')).status).toBe(200);
    const ready = await gateway.ask('GET', '/readyz');
    expect(ready.body).toEqual({ status: 'ok', mongodb: 'up', redis: 'up' });
  });

  it('[OPS-4] Redis away is shown, and no reason to be unready', async () => {
    const alone = await TestGateway.start({ REDIS_URL: 'redis://127.0.0.1:9' });
    try {
      const ready = await alone.ask('GET', '/readyz');
      expect([ready.status, ready.body]).toEqual([200, { status: 'ok', mongodb: 'up', redis: 'down' }]);
    } finally {
      await alone.close();
    }
  });

  it('[EXT-1] the OpenAPI 3.1 document has every route with its errors, and a page to read it', async () => {
    const { body } = await gateway.ask<{
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    }>('GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const guarded = Object.entries(body.paths).filter(([path]) => path.startsWith('/v1/'));
    expect(guarded.length).toBeGreaterThan(10);
    for (const [, methods] of guarded) {
      for (const { responses } of Object.values(methods)) {
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '429', '500', '503']));
      }
    }
    expect((await gateway.ask('GET', '/docs')).status).toBe(200);
  });
});
