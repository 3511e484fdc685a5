import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  ListView,
  OperationView,
  OperatorHealthView,
  OperatorOperationView,
  UserOutcomeView,
} from '@commissary/contracts';
import type {
  OperationDocument,
  OperationResultDocument,
  TenantDocument,
  UserDocument,
} from '@commissary/store';
import { OperationsRepository } from '@commissary/store';
import { newId } from '@commissary/platform';
import { leaveLicense } from '../support/fixtures/left-license.js';
import { type AMove, aMove } from '../support/gateway/a-move.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

let gateway: TestGateway;
let tenant: TenantDocument;
let admin: UserDocument;
let user: UserDocument;
let operator: UserDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  tenant = await gateway.tenant();
  admin = await gateway.user(tenant, { roles: ['billingAdmin'] });
  user = await gateway.user(tenant);
  operator = await gateway.user(await gateway.tenant({ type: 'platform' }), { roles: ['operator'] });
});

afterAll(() => gateway.close());

const collections = () => collectionsOf(gateway.database);
const control = (who: UserDocument, { operation }: AMove, what: string) =>
  gateway.as<OperationView & { code: string; state?: string }>(
    who,
    'POST',
    `/v1/operations/${operation._id}/${what}`,
  );
const set = (id: string, fields: Partial<OperationDocument>) =>
  collections().operations.updateOne({ _id: id }, { $set: fields as Record<string, unknown> });

describe('who sees an operation', () => {
  it("[OWN-1, API] admins see the tenant's, others their own, strangers none", async () => {
    const made = await aMove(gateway.database, admin);
    const see = async (who: UserDocument) =>
      (await gateway.as(who, 'GET', `/v1/operations/${made.operation._id}`)).status;
    const stranger = await gateway.user(await gateway.tenant(), { roles: ['globalAdmin'] });
    const reader = await gateway.user(tenant, { roles: ['globalReader'] });
    expect(await Promise.all([admin, reader, user, stranger, operator].map(see))).toEqual([
      200, 200, 404, 404, 200,
    ]);
    const list = await gateway.as<ListView<OperationView>>(user, 'GET', '/v1/operations');
    expect(list.body).toEqual({ items: [], nextCursor: null });
    const all = await gateway.as<ListView<OperationView>>(
      reader,
      'GET',
      '/v1/operations?type=move&status=accepted',
    );
    expect(all.body.items.map((item) => item.id)).toContain(made.operation._id);
  });

  it('[API] has exactly the members of the contract', async () => {
    const made = await aMove(gateway.database, admin, 2);
    expect(await gateway.operation(admin, made.operation._id)).toEqual({
      id: made.operation._id,
      type: 'move',
      status: 'accepted',
      subscriptionId: made.source._id,
      requestedBy: { userId: admin._id, displayName: admin.displayName },
      progress: {
        total: 2,
        done: 0,
        skipped: 0,
        failed: 0,
        pending: 2,
        ratePerSecond: null,
        secondsLeft: null,
      },
      result: null,
      error: null,
      createdAt: made.operation.createdAt.toISOString(),
      startedAt: null,
      endedAt: null,
    });
  });
});

describe('steering an operation', () => {
  it('[API] an admin pauses and resumes; each is audited, and the worker is woken up again', async () => {
    const made = await aMove(gateway.database, admin, 1);
    expect((await control(admin, made, 'pause')).body.status).toBe('paused');
    const twice = await control(admin, made, 'pause');
    expect([twice.status, twice.body.code, twice.body.state]).toEqual([409, 'illegal_state', 'paused']);
    expect((await control(admin, made, 'resume')).body.status).toBe('accepted');
    const actions = await collections()
      .audit.find({ operationId: made.operation._id })
      .sort({ _id: 1 })
      .toArray();
    expect(actions.map((entry) => entry.action)).toEqual(['operation.paused', 'operation.resumed']);
  });

  it('[MOV-6] a stopped move frees its reservation and lock, and the source keeps its status', async () => {
    const made = await aMove(gateway.database, admin, 3);
    await set(made.operation._id, {
      status: 'running',
      fence: 1,
      progress: { ...made.operation.progress, done: 1 },
    });
    await leaveLicense(collections(), { subscriptionId: made.source._id, userId: made.holders[1] ?? '' });
    const stopped = await control(admin, made, 'stop');
    expect(stopped.body).toMatchObject({
      status: 'stopped',
      result: { moved: 1, sourceStatus: 'active', refunded: null },
      endedAt: expect.any(String),
    });
    const [source, target] = await Promise.all(
      [made.source, made.target].map(({ _id }) => collections().subscriptions.findOne({ _id })),
    );
    expect(source).toMatchObject({ status: 'active', operationId: null, seats: { assigned: 2 } });
    expect(target?.seats.reservations).toEqual([]);
    // Who was deleted meanwhile does not keep a seat for good.
    expect(await collections().licenses.countDocuments({ subscriptionId: made.source._id })).toBe(2);
    expect((await control(admin, made, 'stop')).body.code).toBe('illegal_state');
  });

  it('[MOV-6] past the point of return a move cannot be stopped', async () => {
    const made = await aMove(gateway.database, admin);
    await set(made.operation._id, { status: 'running', step: 'closed' });
    expect((await control(admin, made, 'stop')).status).toBe(409);
    expect((await gateway.operation(admin, made.operation._id)).status).toBe('running');
  });

  it('[OPS-1] what is parked only operators resume or discard, across tenants', async () => {
    const [resumed, discarded] = [await aMove(gateway.database, admin), await aMove(gateway.database, admin)];
    for (const { operation } of [resumed, discarded]) await set(operation._id, { status: 'parked' });
    expect((await control(admin, resumed, 'resume')).body.code).toBe('forbidden');
    expect((await control(admin, discarded, 'discard')).body.code).toBe('forbidden');
    const parked = await gateway.as<ListView<OperatorOperationView>>(
      operator,
      'GET',
      '/v1/operator/operations',
    );
    expect(parked.body.items.map((item) => item.tenantId)).toEqual([tenant._id, tenant._id]);
    expect((await control(operator, resumed, 'resume')).body.status).toBe('accepted');
    const given = await control(operator, discarded, 'discard');
    expect(given.body).toMatchObject({ status: 'failed', error: { code: 'discarded' } });
    const source = await collections().subscriptions.findOne({ _id: discarded.source._id });
    expect(source?.operationId).toBeNull();
  });

  it.each([
    ['unknown', 1, 409],
    ['succeeded', 1, 409],
    ['pending', 1, 409],
    ['pending', 0, 200],
    ['declined', 1, 200],
  ] as const)(
    '[BUY-6] a parked purchase whose payment is %s (asked %i times): discard answers %i',
    async (status, attempts, answer) => {
      const { operation, paymentId, quoteId } = await aParkedPurchase(status, attempts);
      const reply = await gateway.as(operator, 'POST', `/v1/operations/${operation._id}/discard`);
      expect(reply.status).toBe(answer);
      const quote = await collections().quotes.findOne({ _id: quoteId });
      expect(quote?.operationId).toBe(answer === 200 ? null : operation._id);
      const payment = await collections().payments.findOne({ _id: paymentId });
      expect(payment?.status).toBe(answer === 200 && status === 'pending' ? 'abandoned' : status);
    },
  );

  it('[OPS-1] operators see what waits, and nobody else does', async () => {
    const health = await gateway.as<OperatorHealthView>(operator, 'GET', '/v1/operator/health');
    expect(health.body).toMatchObject({ mailsQueued: 0, redis: 'up', oldestDueSeconds: expect.any(Number) });
    expect(health.body.operations).toContainEqual({
      queue: 'license-moves',
      status: 'accepted',
      count: expect.any(Number),
    });
    expect((await gateway.as(admin, 'GET', '/v1/operator/health')).status).toBe(403);
  });
});

const aParkedPurchase = async (
  status: 'unknown' | 'succeeded' | 'pending' | 'declined',
  attempts: number,
) => {
  const [paymentId, quoteId, orderId] = [newId('pay'), newId('quo'), newId('ord')];
  const operation: OperationDocument = {
    ...OperationsRepository.newDocument(
      {
        id: newId('op'),
        tenantId: tenant._id,
        type: 'purchase',
        subscriptionId: null,
        request: { quoteId, paymentMethodId: 'pm_1', orderId, paymentId, subscriptionId: newId('sub') },
        requestedBy: { userId: user._id, displayName: user.displayName, tenantId: tenant._id },
        origin: { ip: '127.0.0.1', requestId: 'req_test' },
        total: 1,
      },
      new Date(),
    ),
    status: 'parked',
  };
  const price = { amountMinor: 999, currency: 'USD' };
  await collections().operations.insertOne(operation);
  await collections().payments.insertOne({
    _id: paymentId,
    tenantId: tenant._id,
    orderId,
    operationId: operation._id,
    paymentMethodId: 'pm_1',
    amount: price,
    idempotencyKey: paymentId,
    status,
    chargeId: null,
    declineCode: null,
    attempts,
    nextCheckAt: null,
    refunds: [],
    createdAt: new Date(),
    settledAt: null,
  });
  await collections().quotes.insertOne({
    _id: quoteId,
    tenantId: tenant._id,
    userId: user._id,
    productId: 'CFQ7TTC0H9MP',
    productName: 'Power BI Pro',
    offer: 'purchase',
    quantity: 1,
    term: 'P1M',
    unitPrice: price,
    total: price,
    renewsAt: null,
    seatChange: null,
    createdAt: new Date(),
    expiresAt: new Date(),
    operationId: operation._id,
  });
  return { operation, paymentId, quoteId };
};

describe('the results per user', () => {
  const results = async ({ operation }: AMove): Promise<{ people: UserDocument[] }> => {
    const people = [];
    for (const displayName of ['Alex', 'Blake', 'Casey', 'Dana', 'Eve'])
      people.push(await gateway.user(tenant, { displayName }));
    const [a, b, c, d, e] = people.map((person) => person._id) as [string, string, string, string, string];
    const chunk = (seq: number, groups: OperationResultDocument['groups']): OperationResultDocument => ({
      _id: `${operation._id}:${seq}`,
      tenantId: tenant._id,
      operationId: operation._id,
      seq,
      groups,
      at: new Date(),
    });
    await collections().operationResults.insertMany([
      chunk(0, [
        { outcome: 'moved', reason: null, userIds: [a, b] },
        { outcome: 'skipped', reason: 'user_deleted', userIds: [c] },
      ]),
      chunk(1, [{ outcome: 'moved', reason: null, userIds: [d, e] }]),
    ]);
    return { people };
  };

  it('[MOV-5] come in pages across chunks, with addresses, by outcome if asked', async () => {
    const made = await aMove(gateway.database, admin);
    const { people } = await results(made);
    const path = `/v1/operations/${made.operation._id}/results`;
    const read = async (query: string) =>
      (await gateway.as<ListView<UserOutcomeView>>(admin, 'GET', `${path}?${query}`)).body;
    const first = await read('limit=2');
    const second = await read(`limit=2&cursor=${first.nextCursor}`);
    const third = await read(`limit=2&cursor=${second.nextCursor}`);
    const all = [...first.items, ...second.items, ...third.items];
    expect(all.map((row) => row.email)).toEqual(people.map((person) => person.email));
    expect(third.nextCursor).toBeNull();
    const skipped = await read('outcome=skipped');
    expect(skipped.items).toEqual([
      { userId: people[2]?._id, email: people[2]?.email, outcome: 'skipped', reason: 'user_deleted' },
    ]);
    expect((await gateway.as(user, 'GET', path)).status).toBe(404);
  });

  it('[ADM-3] as CSV are whole, with a byte order mark, and harmless in a spreadsheet', async () => {
    const made = await aMove(gateway.database, admin);
    const { people } = await results(made);
    await collections().users.updateOne(
      { _id: people[0]?._id ?? '' },
      { $set: { email: '=cmd()@contoso.example' } },
    );
    const response = await fetch(`${gateway.url}/v1/operations/${made.operation._id}/results`, {
      headers: { authorization: `Bearer ${await gateway.issuer.token(admin)}`, accept: 'text/csv' },
    });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const text = Buffer.from(await response.arrayBuffer()).toString('utf8');
    const lines = text.split('\r\n');
    expect(lines[0]).toBe('\ufeffuserId,email,outcome,reason');
    expect(lines[1]).toBe(`${people[0]?._id},'=cmd()@contoso.example,moved,`);
    expect(lines).toHaveLength(7);
  });
});
