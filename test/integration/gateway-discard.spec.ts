import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OperationView, QuoteView } from '@commissary/contracts';
import { addDays, nextDueAt, SYSTEM } from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  type OperationDocument,
  OperationsRepository,
  type PaymentDocument,
  type RenewalRequest,
  type SubscriptionDocument,
  type UserDocument,
} from '@commissary/store';
import { aCardOf, anOpenBill, aPaidSubscription } from '../support/gateway/bills.js';
import { openShop, type OrProblem, post, type Shop } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;
let operator: UserDocument;

beforeAll(async () => {
  shop = await openShop();
  const platform = await shop.gateway.tenant({ type: 'platform' });
  operator = await shop.gateway.user(platform, { roles: ['operator'] });
});

afterAll(() => shop.gateway.close());

const collections = () => collectionsOf(shop.gateway.database);

const park = async (operationId: string, fields: Partial<OperationDocument> = {}): Promise<void> => {
  await collections().operations.updateOne(
    { _id: operationId },
    { $set: { status: 'parked', ...fields } as object },
  );
};

const discard = (id: string) =>
  shop.gateway.as<OrProblem<OperationView>>(operator, 'POST', `/v1/operations/${id}/discard`);

const found = async (id: string): Promise<SubscriptionDocument> => {
  const subscription = await collections().subscriptions.findOne({ _id: id });
  if (!subscription) throw new Error(`there is no ${id}`);
  return subscription;
};

/** An attempt as the worker writes it before it asks the provider. */
const attempt = async (
  operation: OperationDocument,
  status: PaymentDocument['status'],
  attempts = 1,
): Promise<void> => {
  if (operation.type !== 'seatChange' && operation.type !== 'renewal') throw new Error('pays for nothing');
  await collections().payments.insertOne({
    _id: operation.request.paymentId,
    tenantId: operation.tenantId,
    orderId: operation.request.orderId,
    operationId: operation._id,
    paymentMethodId: operation.request.paymentMethodId ?? '',
    amount: { amountMinor: 999, currency: 'USD' },
    idempotencyKey: operation.request.paymentId,
    status,
    chargeId: null,
    declineCode: null,
    attempts,
    nextCheckAt: null,
    refunds: [],
    createdAt: new Date(),
    settledAt: null,
  });
};

const stored = async (id: string): Promise<OperationDocument> => {
  const operation = await collections().operations.findOne({ _id: id });
  if (!operation) throw new Error(`there is no ${id}`);
  return operation;
};

const moreSeats = async () => {
  const mine = await aPaidSubscription(shop, 5);
  const { body: quote } = await post<QuoteView>(shop, shop.buyer, '/v1/quotes', {
    subscriptionId: mine._id,
    total: 7,
  });
  const { body } = await shop.gateway.as<OperationView>(
    shop.buyer,
    'PUT',
    `/v1/subscriptions/${mine._id}/seats`,
    { body: { total: 7, quoteId: quote.id }, headers: { 'idempotency-key': newId('req') } },
  );
  return { mine, quoteId: quote.id, operationId: body.id };
};

/** As the scheduler asks for it. */
const aDueRenewal = async (subscription: SubscriptionDocument): Promise<OperationDocument> => {
  const { _id, tenantId, paymentMethodId, lifecycle } = subscription;
  const request: RenewalRequest = {
    cause: 'due',
    orderId: lifecycle.unpaid?.orderId ?? newId('ord'),
    invoiceId: lifecycle.unpaid?.invoiceId ?? newId('inv'),
    paymentId: newId('pay'),
    paymentMethodId: paymentMethodId ?? '',
  };
  const operation = OperationsRepository.newDocument(
    {
      id: newId('op'),
      tenantId,
      type: 'renewal',
      subscriptionId: _id,
      request,
      requestedBy: { ...SYSTEM, tenantId },
      origin: { ip: '', requestId: 'scheduler' },
      total: 1,
    },
    new Date(),
  );
  await collections().operations.insertOne(operation);
  await collections().subscriptions.updateOne({ _id }, { $set: { operationId: operation._id } });
  return operation;
};

describe('a parked change of seats', () => {
  it('[OPS-1, OWN-2] is discarded before money is asked for: quote and lock are given back', async () => {
    const { mine, quoteId, operationId } = await moreSeats();
    await park(operationId);
    const { status, body } = await discard(operationId);
    expect([status, body.status, body.error?.code]).toEqual([200, 'failed', 'discarded']);
    expect(await found(mine._id)).toMatchObject({ operationId: null, seats: { purchased: 5 } });
    expect(await collections().quotes.findOne({ _id: quoteId })).toMatchObject({ operationId: null });
  });

  it.each<[PaymentDocument['status'], number]>([
    ['pending', 1],
    ['unknown', 1],
    ['succeeded', 1],
  ])('[BUY-6] is not while its payment is %s', async (status, attempts) => {
    const { mine, quoteId, operationId } = await moreSeats();
    await attempt(await stored(operationId), status, attempts);
    await park(operationId, { step: 'charging' });
    const refused = await discard(operationId);
    expect([refused.status, refused.body.code]).toEqual([409, 'illegal_state']);
    expect((await found(mine._id)).operationId).toBe(operationId);
    expect(await collections().quotes.findOne({ _id: quoteId })).toMatchObject({ operationId });
  });

  it('[OWN-2] is not once seats were taken back, for money is owed', async () => {
    const { operationId } = await moreSeats();
    await park(operationId, { step: 'taken' });
    expect((await discard(operationId)).status).toBe(409);
  });

  it('[MOV-3] cannot be paused or stopped, nor can a renewal', async () => {
    const { operationId } = await moreSeats();
    const renewal = await aDueRenewal(await aPaidSubscription(shop, 5));
    for (const id of [operationId, renewal._id]) {
      for (const verb of ['pause', 'stop']) {
        const { status, body } = await shop.gateway.as(shop.admin, 'POST', `/v1/operations/${id}/${verb}`);
        expect([status, body.code]).toEqual([409, 'illegal_state']);
      }
    }
  });
});

describe('a parked renewal', () => {
  it('[OPS-1, BUY-9] that is discarded leaves its bill open, and is not tried again before the next day', async () => {
    const { subscription, invoice, unpaid } = await anOpenBill(shop);
    const now = { ...subscription.lifecycle, unpaid: { ...unpaid, nextTryAt: new Date() } };
    await collections().subscriptions.updateOne({ _id: subscription._id }, { $set: { lifecycle: now } });
    const operation = await aDueRenewal(subscription);
    await attempt(operation, 'pending', 0);
    await park(operation._id);
    expect((await discard(operation._id)).body).toMatchObject({ status: 'failed' });
    const after = await found(subscription._id);
    expect(after).toMatchObject({ operationId: null, status: 'active', autoRenew: true });
    const { nextTryAt } = after.lifecycle.unpaid ?? { nextTryAt: null };
    expect(nextTryAt?.getTime()).toBeGreaterThan(addDays(new Date(), 1).getTime() - 10_000);
    expect(after.lifecycle.dueAt).toEqual(nextDueAt(after));
    const { orders, invoices, payments } = collections();
    expect(await orders.findOne({ _id: unpaid.orderId })).toMatchObject({ status: 'pending' });
    expect(await invoices.findOne({ _id: invoice._id })).toMatchObject({ status: 'open' });
    expect(await payments.findOne({ orderId: unpaid.orderId })).toMatchObject({ status: 'abandoned' });
  });

  it('[BUY-9] that nobody would try by himself is not tried by itself after it either', async () => {
    const { subscription, unpaid } = await anOpenBill(shop, { status: 'expired' });
    const never = { ...subscription.lifecycle, unpaid: { ...unpaid, nextTryAt: null } };
    await collections().subscriptions.updateOne({ _id: subscription._id }, { $set: { lifecycle: never } });
    const operation = await aDueRenewal(subscription);
    await park(operation._id);
    expect((await discard(operation._id)).status).toBe(200);
    expect((await found(subscription._id)).lifecycle.unpaid?.nextTryAt).toBeNull();
  });

  it('[BUY-9] that had ordered nothing yet leaves nothing: the term is due still, and renewal stays on', async () => {
    const mine = await aPaidSubscription(shop, 5, { expiresAt: addDays(new Date(), -1) });
    const operation = await aDueRenewal(mine);
    await park(operation._id);
    expect((await discard(operation._id)).status).toBe(200);
    const after = await found(mine._id);
    expect(after).toMatchObject({ operationId: null, autoRenew: true, lifecycle: { unpaid: null } });
  });

  it('[BUY-6] is not discarded while the provider may have the money', async () => {
    const { subscription } = await anOpenBill(shop);
    const operation = await aDueRenewal(subscription);
    await attempt(operation, 'unknown');
    await park(operation._id);
    expect((await discard(operation._id)).status).toBe(409);
    expect((await found(subscription._id)).operationId).toBe(operation._id);
  });
});

describe('an operation that time asked for', () => {
  it('[OWN-1, BUY-9] is seen by the purchaser of its subscription and the admins, by nobody else', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const operation = await aDueRenewal(mine);
    const see = async (by: UserDocument) =>
      (await shop.gateway.as(by, 'GET', `/v1/operations/${operation._id}`)).status;
    expect(await see(shop.buyer)).toBe(200);
    expect(await see(shop.admin)).toBe(200);
    expect(await see(shop.reader)).toBe(200);
    expect(await see(shop.colleague)).toBe(404);
    const { body } = await shop.gateway.as<OperationView>(
      shop.buyer,
      'GET',
      `/v1/operations/${operation._id}`,
    );
    expect(body.requestedBy).toEqual(SYSTEM);
    // What an admin asked for on it stays the admins'.
    const { _id: paymentMethodId } = await aCardOf(shop, shop.buyer);
    await collections().operations.updateOne(
      { _id: operation._id },
      { $set: { 'requestedBy.userId': shop.admin._id, 'request.paymentMethodId': paymentMethodId } },
    );
    expect(await see(shop.buyer)).toBe(404);
  });
});
