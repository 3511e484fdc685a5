import { describe, expect, it } from '@jest/globals';
import type {
  AuditEntryView,
  InvoiceView,
  ListView,
  OperationView,
  OrderView,
  OwnLicenseView,
  QuoteView,
  SubscriptionView,
} from '@commissary/contracts';
import { ended, succeeded } from './support/operations.js';
import { chargesOf, mailOf, mailsOf, mailsTo } from './support/outside.js';
import { adminOf, anonymous, newcomer, person } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import {
  addCard,
  allOf,
  askQuote,
  buy,
  central,
  order,
  PRODUCTS,
  purchaseOutcome,
  subscription,
} from './support/shop.js';

const { powerBiPro, powerApps, visioPlan1 } = PRODUCTS;
const HALF_AN_HOUR_MS = 30 * 60_000;

const licensesOf = async (who: Person): Promise<OwnLicenseView[]> =>
  (await must(200, who.get<ListView<OwnLicenseView>>('/v1/me/licenses'))).items;

const monthAfter = (time: string): string => {
  const date = new Date(time);
  date.setUTCMonth(date.getUTCMonth() + 1);
  return date.toISOString().slice(0, 7);
};

describe('finding out where to sign in', () => {
  const discover = (email: string) => anonymous.get(`/v1/discovery?email=${encodeURIComponent(email)}`);

  it('answers by the domain alone, so that no account can be enumerated [BUY-1]', async () => {
    const known = await discover('alex@contoso.example');
    expect(known.body).toEqual({ managed: true, signInUrl: expect.stringMatching(/\/auth\/sign-in/) });
    for (const email of ['nobody@contoso.example', 'dana@contoso.example', 'ALEX@CONTOSO.EXAMPLE']) {
      expect((await discover(email)).text).toBe(known.text);
    }
    expect((await discover('x@nowhere.example')).body).toEqual({ managed: false, signInUrl: null });
    expect((await discover('no address')).problem?.errors?.[0]?.pointer).toBe('/email');
  });
});

describe('the quote', () => {
  it('says unit price, total, renewal and its own end before anything is paid [BUY-2]', async () => {
    const buyer = await newcomer();
    const before = Date.now();
    const month = await must(201, askQuote(buyer, { quantity: 10_000 }));
    expect(month).toMatchObject({
      productId: powerBiPro,
      offer: 'purchase',
      quantity: 10_000,
      term: 'P1M',
      unitPrice: { amountMinor: 999, currency: 'USD' },
      total: { amountMinor: 9_990_000, currency: 'USD' },
    });
    expect(month.renewsAt?.slice(0, 7)).toBe(monthAfter(new Date(before).toISOString()));
    expect(Math.abs(new Date(month.expiresAt).getTime() - before - HALF_AN_HOUR_MS)).toBeLessThan(10_000);
    const year = await must(201, askQuote(buyer, { quantity: 3, term: 'P1Y' }));
    expect([year.unitPrice.amountMinor, year.total.amountMinor]).toEqual([11_988, 35_964]);
  });
});

describe('a purchase', () => {
  it('is accepted with an operation, and everything is there when it has succeeded [BUY-4] [BUY-5] [MSG-3]', async () => {
    const buyer = await newcomer();
    const [card, quote] = [await addCard(buyer), await must(201, askQuote(buyer, { quantity: 5 }))];
    const accepted = await buyer.post<OperationView>('/v1/purchases', {
      quoteId: quote.id,
      paymentMethodId: card.id,
    });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/v1/operations/${accepted.body.id}`);
    expect(accepted.body).toMatchObject({
      type: 'purchase',
      status: 'accepted',
      requestedBy: { userId: buyer.userId },
      progress: { total: 1, pending: 1 },
      result: null,
    });

    const end = await ended(buyer, accepted.body);
    const bought = purchaseOutcome(end);
    const [license] = await licensesOf(buyer);
    expect(license).toMatchObject({
      id: bought.licenseId,
      productId: powerBiPro,
      subscriptionId: bought.subscriptionId,
      purchaserId: buyer.userId,
      trainingUrl: expect.stringMatching(/^https:/),
    });
    expect(end.progress).toMatchObject({ total: 1, done: 1, pending: 0 });
    expect(bought.charged).toEqual(quote.total);
    expect(await subscription(buyer, bought.subscriptionId)).toMatchObject({
      origin: 'selfService',
      status: 'active',
      purchaser: { userId: buyer.userId, email: buyer.email },
      seats: { purchased: 5, assigned: 1, reserved: 0, free: 4 },
      unitPrice: quote.unitPrice,
      purchasePrice: quote.total,
      autoRenew: true,
      operation: null,
    });
    const charges = await chargesOf(bought.orderId);
    expect(
      charges.map(({ status, amountMinor, refundedMinor }) => [status, amountMinor, refundedMinor]),
    ).toEqual([['succeeded', quote.total.amountMinor, 0]]);
  });

  it('has an order, an invoice to print and an audit entry [BUY-4] [OWN-4] [ADM-9]', async () => {
    const buyer = await newcomer();
    const bought = await buy(buyer, { quantity: 2 });
    const orders = await allOf<OrderView>(buyer, `/v1/subscriptions/${bought.subscriptionId}/orders`);
    expect(orders).toEqual([
      expect.objectContaining({ id: bought.orderId, status: 'paid', channel: 'selfService', quantity: 2 }),
    ]);
    const invoice = await must(200, buyer.get<InvoiceView>(`/v1/invoices/${bought.invoiceId ?? ''}`));
    expect(invoice).toMatchObject({ orderId: bought.orderId, userId: buyer.userId, total: bought.charged });
    expect((await allOf<InvoiceView>(buyer, '/v1/invoices')).map(({ id }) => id)).toEqual([invoice.id]);
    const page = await buyer.get(`/v1/invoices/${invoice.id}`, { accept: 'text/html' });
    expect([page.headers.get('content-type'), page.text.includes('Power BI Pro')]).toEqual([
      'text/html; charset=utf-8',
      true,
    ]);
    const admin = await adminOf('contoso.example');
    const audit = await must(200, admin.get<ListView<AuditEntryView>>(`/v1/audit?actor=${buyer.email}`));
    expect(audit.items.map(({ action }) => action)).toContain('operation.accepted');
    for (const { actor } of audit.items) expect(actor.userId).toBe(buyer.userId);
  });

  it('sends a receipt to the purchaser and an alert to each admin, once each [MSG-1] [MSG-3] [ADM-8]', async () => {
    const buyer = await newcomer();
    const bought = await buy(buyer, { quantity: 3 });
    const receipt = await mailOf(buyer.email, 'receipt');
    expect(receipt.to).toEqual([buyer.email]);
    expect(receipt.subject).toBe('Your receipt for Power BI Pro');
    expect(receipt.text).toContain('$29.97');
    expect(receipt.text).toContain(bought.orderId);
    expect(receipt.html).toContain('Power BI Pro');
    const alerts = await Promise.all(
      ['global.admin', 'billing.admin'].map((name) =>
        mailOf(`${name}@contoso.example`, 'purchaseAlert', buyer.email),
      ),
    );
    const ids = [receipt, ...alerts].map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^<[^<>@\s]+@[^<>@\s]+>$/);
    expect((await mailsTo(buyer.email)).map(({ template }) => template)).toEqual(['receipt']);
    expect(
      await mailsOf('global.admin@contoso.example', 'purchaseAlert', { about: buyer.email }),
    ).toHaveLength(1);
    expect(
      (await mailsTo('reader@contoso.example')).filter(({ text }) => text.includes(buyer.email)),
    ).toEqual([]);
  });

  it('a second one of the same product is a second subscription, its seats free to assign [BUY-10]', async () => {
    const buyer = await newcomer();
    const first = await buy(buyer);
    const second = await buy(buyer, { quantity: 2 });
    expect(second.subscriptionId).not.toBe(first.subscriptionId);
    expect(second.licenseId).toBeNull();
    expect((await subscription(buyer, second.subscriptionId)).seats).toMatchObject({ assigned: 0, free: 2 });
    expect(await licensesOf(buyer)).toHaveLength(1);
  });

  it('an account that holds a license already buys seats for others [BUY-4]', async () => {
    const [holder, giver] = await Promise.all([newcomer(), adminOf('contoso.example')]);
    const { id } = await central(1);
    await must(200, giver.post(`/v1/subscriptions/${id}/licenses`, { users: [holder.userId] }));
    const bought = await buy(holder, { quantity: 1 });
    expect(bought.licenseId).toBeNull();
    expect((await subscription(holder, bought.subscriptionId)).seats.free).toBe(1);
  });
});

describe('a trial', () => {
  const trialOf = (who: Person, productId: string, quantity = 1) =>
    who.post<QuoteView>('/v1/quotes', { productId, offer: 'trial', quantity });

  it('asks for no card, costs nothing, does not renew, and is had once [BUY-8]', async () => {
    const user = await newcomer();
    const quote = await must(201, trialOf(user, powerApps, 25));
    expect(quote).toMatchObject({ term: null, total: { amountMinor: 0, currency: 'USD' }, renewsAt: null });
    const accepted = await must(202, user.post<OperationView>('/v1/purchases', { quoteId: quote.id }));
    const bought = purchaseOutcome(await succeeded(user, accepted));
    expect(bought.charged.amountMinor).toBe(0);
    expect(await chargesOf(bought.orderId)).toEqual([]);
    const trial = await subscription(user, bought.subscriptionId);
    expect(trial).toMatchObject({ isTrial: true, status: 'active', renewsAt: null, autoRenew: false });
    const days = (new Date(trial.expiresAt).getTime() - new Date(trial.startedAt).getTime()) / 86_400_000;
    expect([days, trial.seats.purchased]).toEqual([30, 25]);
    expect((await licensesOf(user)).map(({ productId }) => productId)).toEqual([powerApps]);
    expect((await mailOf(user.email, 'receipt')).subject).toMatch(/trial/i);

    const again = await trialOf(user, powerApps);
    expect([verdictOf(again), again.problem?.reasons]).toEqual(['403 not_eligible', ['trial_used']]);
    expect((await trialOf(await newcomer(), powerApps)).status).toBe(201);
  });

  it('has the seats and the card of the product’s own rules [BUY-8]', async () => {
    const user = await newcomer();
    const tooMany = await trialOf(user, powerApps, 26);
    expect(tooMany.problem?.errors?.[0]).toMatchObject({ pointer: '/quantity' });
    const quote = await must(201, trialOf(user, visioPlan1));
    const without = await user.post('/v1/purchases', { quoteId: quote.id });
    expect(without.problem?.errors?.[0]).toMatchObject({ pointer: '/paymentMethodId' });
    const card = await addCard(user);
    const accepted = await must(
      202,
      user.post<OperationView>('/v1/purchases', { quoteId: quote.id, paymentMethodId: card.id }),
    );
    expect(purchaseOutcome(await succeeded(user, accepted)).charged.amountMinor).toBe(0);
  });
});

describe('what is seen of purchases', () => {
  it('purchasers see their own subscriptions, bills, operations and cards, and no other [OWN-1]', async () => {
    const [one, other] = await Promise.all([newcomer(), newcomer()]);
    const [mine, theirs] = await Promise.all([buy(one), buy(other)]);
    const seen = async (path: string): Promise<string[]> =>
      (await allOf<{ id: string }>(one, path)).map(({ id }) => id);
    expect(await seen('/v1/subscriptions')).toEqual([mine.subscriptionId]);
    expect(await seen(`/v1/subscriptions?purchaser=${other.email}`)).toEqual([]);
    expect(await seen('/v1/subscriptions?origin=central')).toEqual([]);
    expect(await seen('/v1/invoices')).toEqual([mine.invoiceId]);
    expect(await seen('/v1/operations')).toHaveLength(1);
    expect(await seen('/v1/payment-methods')).toHaveLength(1);
    for (const path of [
      `/v1/subscriptions/${theirs.subscriptionId}`,
      `/v1/invoices/${theirs.invoiceId ?? ''}`,
    ]) {
      expect(verdictOf(await one.get(path))).toBe('404 not_found');
    }
  });

  it('admins see central and self-service ones in one list, by filter [ADM-1]', async () => {
    const admin = await adminOf('contoso.example');
    const buyer = await newcomer({ displayName: 'Quentin Filter' });
    const [{ subscriptionId }, { id: centralId }] = await Promise.all([
      buy(buyer, { productId: powerApps, quantity: 2 }),
      central(7),
    ]);
    const listed = async (query: string): Promise<SubscriptionView[]> =>
      (await must(200, admin.get<ListView<SubscriptionView>>(`/v1/subscriptions?${query}`))).items;
    const all = (await listed('limit=200')).map(({ id }) => id);
    expect(all).toEqual(expect.arrayContaining([subscriptionId, centralId]));
    expect([...all].sort().reverse()).toEqual(all);
    for (const query of [
      `purchaser=${buyer.email}`,
      `purchaser=${buyer.userId}`,
      `purchaser=${buyer.email}&origin=selfService&status=active&productId=${powerApps}`,
      `purchaser=${buyer.email}&q=quentin`,
    ]) {
      expect((await listed(query)).map(({ id }) => id)).toEqual([subscriptionId]);
    }
    expect(await listed(`purchaser=${buyer.email}&status=deleted`)).toEqual([]);
    expect(new Set((await listed('origin=central&limit=200')).map(({ origin }) => origin))).toEqual(
      new Set(['central']),
    );
    const [row] = await listed(`purchaser=${buyer.email}`);
    expect(row).toMatchObject({
      productName: 'Power Apps per user',
      purchaser: { displayName: 'Quentin Filter', email: buyer.email },
      seats: { purchased: 2, assigned: 1, reserved: 0, free: 1 },
      purchasePrice: { amountMinor: 4_000, currency: 'USD' },
      status: 'active',
    });
  });

  it('a purchase by a sample person is the same as by any other [RUN-3]', async () => {
    const alex = await person('alex@contoso.example');
    const operation = await order(alex, { productId: powerApps });
    expect((await succeeded(alex, operation)).requestedBy.displayName).toBe('Alex Wilber');
  });
});
