import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InvoiceView, ListView, OperationView, Problem, SubscriptionView } from '@commissary/contracts';
import { addDays, nextDueAt } from '@commissary/domain';
import type { SubscriptionDocument, UserDocument } from '@commissary/store';
import { aCardOf, anOpenBill, aPaidSubscription, type Bill } from '../support/gateway/bills.js';
import { aSubscriptionOf, openShop, type OrProblem, post, type Shop } from '../support/gateway/shop.js';
import { collectionsOf } from '../support/driver.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.gateway.close());

const collections = () => collectionsOf(shop.gateway.database);

const get = <T = Problem>(by: UserDocument, path: string, headers: Record<string, string> = {}) =>
  shop.gateway.as<T>(by, 'GET', path, { headers });

const patch = (id: string, body: unknown, by = shop.buyer) =>
  shop.gateway.as<OrProblem<SubscriptionView>>(by, 'PATCH', `/v1/subscriptions/${id}`, { body });

const pay = (invoiceId: string, body: unknown, by = shop.buyer) =>
  post<OrProblem<OperationView>>(shop, by, `/v1/invoices/${invoiceId}/pay`, body);

const refusal = ({ status, body }: { status: number; body: Pick<Problem, 'code' | 'errors' | 'state'> }) => [
  status,
  body.code,
  ...(body.state === undefined ? [] : [body.state]),
  ...(body.errors ?? []).map(({ pointer, rule }) => `${pointer} ${rule}`),
];

const found = async (id: string): Promise<SubscriptionDocument> => {
  const subscription = await collections().subscriptions.findOne({ _id: id });
  if (!subscription) throw new Error(`there is no ${id}`);
  return subscription;
};

describe('a purchaser’s change of a subscription', () => {
  it('[OWN-4] replaces its card, which is shown to nobody else', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const { _id: paymentMethodId } = await aCardOf(shop, shop.buyer);
    const { status, body } = await patch(mine._id, { paymentMethodId });
    expect([status, body.paymentMethodId, body.autoRenew]).toEqual([200, paymentMethodId, true]);
    expect((await get<SubscriptionView>(shop.admin, `/v1/subscriptions/${mine._id}`)).body).toMatchObject({
      paymentMethodId: null,
      seatsAtRenewal: null,
      unpaidInvoiceId: null,
    });
    const { items } = (await get<ListView<SubscriptionView>>(shop.buyer, '/v1/subscriptions')).body;
    expect(items.find(({ id }) => id === mine._id)?.paymentMethodId).toBe(paymentMethodId);
    // The old card is free to go, the new one is not.
    const remove = (id: string | null) => shop.gateway.as(shop.buyer, 'DELETE', `/v1/payment-methods/${id}`);
    expect((await remove(mine.paymentMethodId)).status).toBe(204);
    expect(refusal(await remove(paymentMethodId))).toEqual([409, 'card_in_use']);
    const audited = await collections()
      .audit.find({ 'subject.id': mine._id, action: 'subscription.changed' })
      .toArray();
    expect(audited).toMatchObject([
      {
        actor: { userId: shop.buyer._id },
        before: { paymentMethodId: mine.paymentMethodId },
        after: { paymentMethodId },
      },
    ]);
    expect(
      await collections().events.countDocuments({ subjectId: mine._id, type: 'subscription.changed' }),
    ).toBe(1);
  });

  it('[BUY-9] turns renewal off and on again, and what is due follows', async () => {
    const mine = await aPaidSubscription(shop, 5);
    await collections().subscriptions.updateOne(
      { _id: mine._id },
      { $set: { 'lifecycle.seatsAtRenewal': 3 } },
    );
    expect(
      (await get<SubscriptionView>(shop.buyer, `/v1/subscriptions/${mine._id}`)).body.seatsAtRenewal,
    ).toBe(3);
    const off = await patch(mine._id, { autoRenew: false });
    expect(off.body).toMatchObject({ autoRenew: false, renewsAt: null, seatsAtRenewal: null });
    const stopped = await found(mine._id);
    expect(stopped.lifecycle.dueAt).toEqual(mine.expiresAt);
    const on = await patch(mine._id, { autoRenew: true });
    expect(on.body).toMatchObject({ autoRenew: true, renewsAt: mine.expiresAt.toISOString() });
    const running = await found(mine._id);
    expect(running.lifecycle.dueAt).toEqual(nextDueAt(running));
    // Once more changes nothing.
    expect((await patch(mine._id, { autoRenew: true })).status).toBe(200);
    expect((await found(mine._id)).version).toBe(running.version);
  });

  it('[SUB-3] turns renewal on after the term has ended: it is due at once', async () => {
    for (const status of ['expired', 'disabled'] as const) {
      const mine = await aPaidSubscription(shop, 5, {
        status,
        autoRenew: false,
        expiresAt: addDays(new Date(), -2),
        history: [{ status, at: addDays(new Date(), -2) }],
      });
      expect((await patch(mine._id, { autoRenew: true })).status).toBe(200);
      const { lifecycle } = await found(mine._id);
      expect(lifecycle.dueAt?.getTime()).toBeLessThanOrEqual(Date.now());
    }
  });

  it('[OWN-4] is refused for what cannot be so', async () => {
    const mine = await aPaidSubscription(shop, 5, { autoRenew: false });
    const bare = await aPaidSubscription(shop, 5, { autoRenew: false, paymentMethodId: null });
    const trial = await aPaidSubscription(shop, 5, { autoRenew: false, isTrial: true, term: null });
    const gone = await aPaidSubscription(shop, 5, { autoRenew: false, status: 'deleted' });
    const held = await aPaidSubscription(shop, 5, { operationId: 'op_running' });
    const { subscription: owing } = await anOpenBill(shop, { autoRenew: false });
    const { _id: expired } = await aCardOf(shop, shop.buyer, { expiresAt: addDays(new Date(), -1) });
    const { _id: foreign } = await aCardOf(shop, shop.colleague);
    const { _id: removed } = await aCardOf(shop, shop.buyer, { removedAt: new Date() });
    const on = { autoRenew: true };
    expect(refusal(await patch(bare._id, on))).toEqual([400, 'invalid_request', '/paymentMethodId required']);
    expect(refusal(await patch(trial._id, on))).toEqual([409, 'illegal_state', 'trial']);
    expect(refusal(await patch(gone._id, on))).toEqual([409, 'illegal_state', 'deleted']);
    expect(refusal(await patch(owing._id, on))).toEqual([409, 'illegal_state', 'unpaid']);
    const running = await patch(held._id, { autoRenew: false });
    expect([running.status, running.body.operation]).toEqual([409, '/v1/operations/op_running']);
    expect(refusal(await patch(mine._id, { ...on, paymentMethodId: expired }))).toEqual([
      400,
      'invalid_request',
      '/paymentMethodId expired',
    ]);
    for (const paymentMethodId of [foreign, removed, 'pm_unknown']) {
      expect(refusal(await patch(mine._id, { paymentMethodId }))).toEqual([404, 'not_found']);
    }
    expect(refusal(await patch(mine._id, {}))).toEqual([400, 'invalid_request', ' custom']);
    expect(refusal(await patch(mine._id, { autoRenew: 'yes' }))).toEqual([
      400,
      'invalid_request',
      '/autoRenew invalid_type',
    ]);
    expect(refusal(await patch(mine._id, { autoRenew: true, status: 'active' }))).toEqual([
      400,
      'invalid_request',
      '/status unknown_field',
    ]);
    expect(await found(mine._id)).toMatchObject({ autoRenew: false, version: mine.version });
  });

  it('[OWN-1, ADM-5] is the purchaser’s alone', async () => {
    const mine = await aPaidSubscription(shop, 5);
    const central = await aSubscriptionOf(shop, 5, { origin: 'central', autoRenew: false });
    const as = async (by: UserDocument, id = mine._id) => refusal(await patch(id, { autoRenew: false }, by));
    expect(await as(shop.admin)).toEqual([403, 'takeover_required']);
    expect(await as(shop.reader)).toEqual([403, 'forbidden']);
    expect(await as(shop.colleague)).toEqual([404, 'not_found']);
    expect(await as(shop.admin, central._id)).toEqual([409, 'illegal_state', 'central']);
    expect(await as(shop.buyer, central._id)).toEqual([404, 'not_found']);
  });
});

describe('paying an open bill', () => {
  it('[OWN-4, BUY-9] is accepted as the renewal that waits, with another card', async () => {
    const { subscription, invoice, unpaid } = await anOpenBill(shop);
    const { _id: paymentMethodId } = await aCardOf(shop, shop.buyer);
    const { status, body, headers } = await pay(invoice._id, { paymentMethodId });
    expect([status, headers.get('location')]).toEqual([202, `/v1/operations/${body.id}`]);
    expect(body).toMatchObject({
      type: 'renewal',
      status: 'accepted',
      subscriptionId: subscription._id,
      progress: { total: 1, pending: 1 },
    });
    expect(await collections().operations.findOne({ _id: body.id })).toMatchObject({
      queue: 'renewals',
      request: {
        cause: 'paid',
        orderId: unpaid.orderId,
        invoiceId: invoice._id,
        paymentMethodId,
        paymentId: expect.stringMatching(/^pay_/),
      },
    });
    expect((await found(subscription._id)).operationId).toBe(body.id);
    const again = await pay(invoice._id, { paymentMethodId });
    expect([again.status, again.body.operation]).toEqual([409, `/v1/operations/${body.id}`]);
    const remove = await shop.gateway.as(shop.buyer, 'DELETE', `/v1/payment-methods/${paymentMethodId}`);
    expect(refusal(remove)).toEqual([409, 'card_in_use']);
  });

  it('[OWN-4] is refused for another’s bill, one that is not open, and a card that cannot pay', async () => {
    const { invoice, subscription } = await anOpenBill(shop);
    const { _id: paymentMethodId } = await aCardOf(shop, shop.buyer);
    const { _id: expired } = await aCardOf(shop, shop.buyer, { expiresAt: new Date(0) });
    const { _id: foreign } = await aCardOf(shop, shop.colleague);
    for (const by of [shop.admin, shop.reader, shop.colleague]) {
      expect(refusal(await pay(invoice._id, { paymentMethodId }, by))).toEqual([404, 'not_found']);
    }
    expect(refusal(await pay('inv_unknown', { paymentMethodId }))).toEqual([404, 'not_found']);
    expect(refusal(await pay(invoice._id, { paymentMethodId: foreign }))).toEqual([404, 'not_found']);
    expect(refusal(await pay(invoice._id, { paymentMethodId: expired }))).toEqual([
      400,
      'invalid_request',
      '/paymentMethodId expired',
    ]);
    expect(refusal(await pay(invoice._id, {}))).toEqual([
      400,
      'invalid_request',
      '/paymentMethodId required',
    ]);
    const keyless = await shop.gateway.as(shop.buyer, 'POST', `/v1/invoices/${invoice._id}/pay`, {
      body: { paymentMethodId },
    });
    expect(refusal(keyless)).toEqual([400, 'idempotency_key_missing']);
    for (const status of ['paid', 'void'] as const) {
      await collections().invoices.updateOne({ _id: invoice._id }, { $set: { status } });
      expect(refusal(await pay(invoice._id, { paymentMethodId }))).toEqual([409, 'illegal_state', status]);
    }
    expect((await found(subscription._id)).operationId).toBeNull();
  });
});

describe('bills', () => {
  const page = async ({ invoice }: Bill) =>
    (await get<string>(shop.buyer, `/v1/invoices/${invoice._id}`, { accept: 'text/html' })).body;

  it('[OWN-4] are listed by status, and say honestly how they stand', async () => {
    const buyer = await shop.gateway.user(shop.tenant);
    const own: Shop = { ...shop, buyer };
    const [open, paid, ended] = [await anOpenBill(own), await anOpenBill(own), await anOpenBill(own)];
    const { invoices } = collections();
    const paidAt = new Date('2030-03-01T10:00:00Z');
    await invoices.updateOne({ _id: paid.invoice._id }, { $set: { status: 'paid', paidAt } });
    await invoices.updateOne({ _id: ended.invoice._id }, { $set: { status: 'void' } });
    const list = async (query: string) =>
      (await get<ListView<InvoiceView>>(buyer, `/v1/invoices${query}`)).body.items.map(
        ({ id, status, paidAt: at }) => [id, status, at],
      );
    const rows = [
      [ended.invoice._id, 'void', null],
      [paid.invoice._id, 'paid', paidAt.toISOString()],
      [open.invoice._id, 'open', null],
    ];
    expect(await list('')).toEqual(rows);
    for (const row of rows) expect(await list(`?status=${row[1]}`)).toEqual([row]);
    expect((await get(buyer, '/v1/invoices?status=due')).status).toBe(400);
  });

  it('[OWN-4, SUB-3] print with what is to be done: pay by a day, nothing, or nothing more', async () => {
    const bill = await anOpenBill(shop);
    const view = await get<SubscriptionView>(shop.buyer, `/v1/subscriptions/${bill.subscription._id}`);
    expect(view.body.unpaidInvoiceId).toBe(bill.invoice._id);
    const day = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });
    expect(await page(bill)).toContain(
      `<strong>Open</strong>: pay by ${day.format(addDays(bill.unpaid.firstTriedAt, 14))}`,
    );
    await collections().invoices.updateOne({ _id: bill.invoice._id }, { $set: { status: 'void' } });
    expect(await page(bill)).toContain('<strong>Void</strong>');
  });
});
