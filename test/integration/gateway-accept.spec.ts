import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView, Problem } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import { AcceptService, IdempotencyInterceptor, IdempotentRequest } from '@commissary/gateway';
import { newId } from '@commissary/platform';
import {
  IdempotencyRepository,
  type SubscriptionDocument,
  type TenantDocument,
  type UserDocument,
} from '@commissary/store';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { aSubscription } from '../support/documents.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';
import { queuePrefix } from '@commissary/queue';

let gateway: TestGateway;
let tenant: TenantDocument;
let admin: UserDocument;
let subscription: SubscriptionDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  tenant = await gateway.tenant();
  admin = await gateway.user(tenant, { roles: ['globalAdmin'] });
  subscription = await anotherSubscription();
});

afterAll(() => gateway.close());

const anotherSubscription = async () => {
  const made = aSubscription(tenant._id, { seats: { purchased: 5, assigned: 0, reservations: [] } });
  await collectionsOf(gateway.database).subscriptions.insertOne(made);
  return made;
};

const cancel = (
  on: SubscriptionDocument,
  idempotencyKey: string,
  {
    by = admin,
    from = gateway,
    reason = 'unused',
  }: { by?: UserDocument; from?: TestGateway; reason?: string } = {},
) =>
  from.as<Partial<Pick<Problem, 'code' | 'operation'>>>(by, 'POST', `/v1/subscriptions/${on._id}/cancel`, {
    body: { reason },
    headers: { 'idempotency-key': idempotencyKey },
  });

const operationsOn = (on: SubscriptionDocument) =>
  collectionsOf(gateway.database).operations.find({ subscriptionId: on._id }).toArray();

describe('accepting an operation', () => {
  it('[FAULTS] of 100 identical POSTs at once one is taken, and all get the same answer', async () => {
    const replies = await Promise.all(Array.from({ length: 100 }, () => cancel(subscription, 'hundred')));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([202]));
    expect(new Set(replies.map((reply) => JSON.stringify(reply.body))).size).toBe(1);
    const operations = await operationsOn(subscription);
    expect(operations).toHaveLength(1);
    expect(replies[0]?.headers.get('location')).toBe(`/v1/operations/${operations[0]?._id}`);
    const audited = await collectionsOf(gateway.database)
      .audit.find({ operationId: operations[0]?._id ?? '' })
      .toArray();
    expect(audited.map((entry) => entry.action)).toEqual(['operation.accepted']);
  });

  it('[FAULTS] on two nodes as well, where the twin is what makes the second one impossible', async () => {
    const other = await TestGateway.start({
      MONGODB_URI: gateway.services.mongodbUri,
      OIDC_ISSUER: gateway.issuer.url,
    });
    try {
      const route = { callerId: admin._id, method: 'POST', path: '/v1/things', key: 'twins' };
      const scope = { tenantId: tenant._id, ...route };
      const create = ({ app }: TestGateway, id: string, early?: () => Promise<undefined>) => {
        const keyed = new IdempotentRequest(app.get(IdempotencyRepository), scope);
        const build = async () => ({ id, body: { id } });
        const work = () => app.get(AcceptService).create(keyed, {}, build, early);
        return app.get(IdempotencyInterceptor).once(keyed, work);
      };
      const answer = await create(gateway, 'thing_1', async () => {
        await create(other, 'thing_2');
        throw new DomainError('quote_used', 'The twin has used it.');
      });
      expect(answer).toMatchObject({ status: 201, body: { id: 'thing_2' } });
    } finally {
      await other.close();
    }
  });

  it('[EXT-1] another body under the key is 422; the order of members is none', async () => {
    const reply = await cancel(subscription, 'hundred', { reason: 'other' });
    expect([reply.status, reply.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('[EXT-1] another caller with the same key is independent', async () => {
    const second = await gateway.user(tenant, { roles: ['billingAdmin'] });
    const reply = await cancel(subscription, 'hundred', { by: second });
    expect([reply.status, reply.body.code]).toEqual([409, 'operation_in_progress']);
    const [running] = await operationsOn(subscription);
    expect(reply.body.operation).toBe(`/v1/operations/${running?._id}`);
  });

  it('[EXT-1] refusals are not remembered: the same key succeeds once the obstacle has gone', async () => {
    const on = await anotherSubscription();
    const { subscriptions } = collectionsOf(gateway.database);
    await subscriptions.updateOne({ _id: on._id }, { $set: { operationId: 'op_other' } });
    expect((await cancel(on, 'later')).status).toBe(409);
    await subscriptions.updateOne({ _id: on._id }, { $set: { operationId: null } });
    expect((await cancel(on, 'later')).status).toBe(202);
  });

  it.each([
    ['none', undefined, 'idempotency_key_missing'],
    ['a blank within', 'a b', 'invalid_request'],
    ['256 characters', 'x'.repeat(256), 'invalid_request'],
  ])('[EXT-1] with %s as Idempotency-Key nothing is taken', async (_case, idempotencyKey, code) => {
    const on = await anotherSubscription();
    const reply = await gateway.as(admin, 'POST', `/v1/subscriptions/${on._id}/cancel`, {
      body: { reason: 'unused' },
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    });
    expect([reply.status, reply.body.code]).toEqual([400, code]);
    expect(await operationsOn(on)).toEqual([]);
  });

  it('[OPS-4] the worker is woken up by a job that holds ids only', async () => {
    const connection = new Redis(gateway.services.redisUrl, { maxRetriesPerRequest: null });
    const queue = new Queue('cancellations', {
      connection,
      prefix: queuePrefix(gateway.services.queuePrefix, 'cancellations'),
    });
    try {
      const [operation] = await operationsOn(subscription);
      const job = await queue.getJob(`${operation?._id}-0`);
      expect(job?.data).toEqual({ v: 1, operationId: operation?._id, tenantId: tenant._id });
    } finally {
      await queue.close();
      connection.disconnect();
    }
  });

  it('[OPS-4] with Redis away it is 202 all the same, and soon', async () => {
    const alone = await TestGateway.start({
      REDIS_URL: 'redis://127.0.0.1:9',
      MONGODB_URI: gateway.services.mongodbUri,
      OIDC_ISSUER: gateway.issuer.url,
    });
    try {
      const on = await anotherSubscription();
      const token = await gateway.issuer.token(admin);
      const began = performance.now();
      const reply = await alone.ask<OperationView>('POST', `/v1/subscriptions/${on._id}/cancel`, {
        body: { reason: 'unused' },
        headers: { 'idempotency-key': newId('req'), authorization: `Bearer ${token}` },
      });
      expect(reply.status).toBe(202);
      expect(performance.now() - began).toBeLessThan(2_000);
      expect(await operationsOn(on)).toMatchObject([{ _id: reply.body.id, status: 'accepted' }]);
    } finally {
      await alone.close();
    }
  });
});
