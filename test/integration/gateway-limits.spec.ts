import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TenantDocument, UserDocument } from '@commissary/store';
import { Redis } from 'ioredis';
import { TestGateway } from '../support/gateway/test-gateway.js';

/** Twenty requests a second: a hundred may come at once, and more than ten are reported to Redis. */
const LIMIT = { RATE_LIMIT_PER_SECOND: '20' };
const QUOTA = 100;

let first: TestGateway;
let tenant: TenantDocument;

beforeAll(async () => {
  first = await TestGateway.start(LIMIT);
  tenant = await first.tenant();
});

afterAll(() => first.close());

/** Another gateway on the same database and issuer. */
const beside = (changes: Record<string, string> = {}): Promise<TestGateway> =>
  TestGateway.start({
    ...LIMIT,
    MONGODB_URI: first.services.mongodbUri,
    QUEUE_PREFIX: first.services.queuePrefix,
    OIDC_ISSUER: first.issuer.url,
    ...changes,
  });

const headersOf = async (user: UserDocument) => ({
  authorization: `Bearer ${await first.issuer.token(user)}`,
});

const askMany = async (gateway: TestGateway, user: UserDocument, times: number): Promise<number[]> => {
  const headers = await headersOf(user);
  const replies = await Promise.all(
    Array.from({ length: times }, () => gateway.ask('GET', '/v1/me', { headers })),
  );
  return replies.map(({ status }) => status);
};

/** Asks one after the other until it is refused; how many were admitted before. */
const untilRefused = async (gateway: TestGateway, user: UserDocument): Promise<number> => {
  const headers = await headersOf(user);
  for (let admitted = 0; admitted <= QUOTA; admitted += 1) {
    const { status } = await gateway.ask('GET', '/v1/me', { headers });
    if (status === 429) return admitted;
    expect(status).toBe(200);
  }
  return Number.POSITIVE_INFINITY;
};

const admittedOf = (statuses: readonly number[]): number =>
  statuses.filter((status) => status === 200).length;

describe('the limit of requests [EXT-1]', () => {
  it('is one for all gateways: what one has admitted the other counts, under keys that hold ids only', async () => {
    const second = await beside();
    const redis = new Redis(first.services.redisUrl);
    try {
      const user = await first.user(tenant);
      expect(admittedOf(await askMany(first, user, QUOTA))).toBe(QUOTA);
      const admitted = await untilRefused(second, user);
      // Alone it would have admitted all of them.
      expect(admitted).toBeLessThan(QUOTA);
      const calm = await first.user(tenant);
      expect(await askMany(second, calm, 1)).toEqual([200]);
      const keys = await redis.keys(`{${first.services.queuePrefix}:limits}*`);
      expect(keys).toEqual([`{${first.services.queuePrefix}:limits}:${user._id}`]);
    } finally {
      redis.disconnect();
      await second.close();
    }
  });

  it('stands in each gateway while Redis is away; no request waits for it or fails', async () => {
    const alone = await beside({ REDIS_URL: 'redis://127.0.0.1:9' });
    try {
      const statuses = await askMany(alone, await first.user(tenant), QUOTA + 20);
      expect(admittedOf(statuses)).toBe(QUOTA);
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
    } finally {
      await alone.close();
    }
  });

  it('counts those without a sign-in by their address, of which Redis is given no trace', async () => {
    const redis = new Redis(first.services.redisUrl);
    try {
      const ask = () => first.ask('GET', '/v1/discovery?email=someone@nowhere.example');
      const replies = await Promise.all(Array.from({ length: QUOTA + 5 }, ask));
      expect(replies.filter(({ status }) => status === 429)).toHaveLength(5);
      await expect(reportedAddress(redis)).resolves.toMatch(/:address:[\w-]{22}$/);
    } finally {
      redis.disconnect();
    }
  });
});

/** The key under which an address is counted, once the gateway has reported it. */
const reportedAddress = async (redis: Redis): Promise<string> => {
  for (;;) {
    const [key] = await redis.keys(`{${first.services.queuePrefix}:limits}:address:*`);
    if (key !== undefined) return key;
  }
};
