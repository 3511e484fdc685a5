import { describe, expect, it } from '@jest/globals';
import type { InvoiceView, OperationView, SubscriptionView } from '@commissary/contracts';
import { audit, NOTHING_WRONG } from './support/commands.js';
import { database, quiet } from './support/database.js';
import { eventually } from './support/eventually.js';
import { termEnds } from './support/lifetimes.js';
import { ended, succeeded } from './support/operations.js';
import { chargesOf, mailOf, mailsOf } from './support/outside.js';
import { adminOf, newcomer, person } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { addCard, allOf, assign, buy, payWith, subscription } from './support/shop.js';
import { lookForDue } from './support/sweep.js';
import { collectionsOf } from '../support/driver.js';

/** The subscription as soon as it is so, and nothing is at work on it. */
const becomes = (
  who: Person,
  id: string,
  so: (now: SubscriptionView) => boolean,
): Promise<SubscriptionView> =>
  eventually('the subscription is so', async () => {
    const now = await subscription(who, id);
    return now.operation === null && so(now) ? now : undefined;
  });

const isPaidFor = ({ expiresAt }: SubscriptionView): boolean => Date.parse(expiresAt) > Date.now();

/** Bought with a good card, renewed with this one. */
const renewedWith = async (buyer: Person, token: string): Promise<string> => {
  const { subscriptionId } = await buy(buyer, { quantity: 2 });
  await payWith(buyer, subscriptionId, token);
  await termEnds(subscriptionId);
  return subscriptionId;
};

const pay = async (buyer: Person, invoiceId: string, token: string): Promise<OperationView> => {
  const { id: paymentMethodId } = await addCard(buyer, token);
  return must(202, buyer.post<OperationView>(`/v1/invoices/${invoiceId}/pay`, { paymentMethodId }));
};

const renewalOf = async (subscriptionId: string): Promise<string> => {
  const collections = collectionsOf(await database());
  const renewal = await collections.operations.findOne({ subscriptionId, type: 'renewal' });
  return renewal?._id ?? '';
};

const page = async (who: Person, invoiceId: string): Promise<string> =>
  (await who.get(`/v1/invoices/${invoiceId}`, { accept: 'text/html' })).text;

describe('a renewal', () => {
  it('is charged to the saved card at the end of the term [BUY-9]', async () => {
    const buyer = await newcomer();
    const subscriptionId = await renewedWith(buyer, 'tok_mastercard');
    const renewed = await becomes(buyer, subscriptionId, isPaidFor);
    expect(renewed).toMatchObject({ status: 'active', autoRenew: true, unpaidInvoiceId: null });
    const renewal = await succeeded(buyer, { id: await renewalOf(subscriptionId) });
    expect(renewal).toMatchObject({
      requestedBy: { userId: 'system' },
      result: { subscriptionId, charged: renewed.purchasePrice },
    });
    const stranger = await newcomer();
    expect(verdictOf(await stranger.get(`/v1/operations/${renewal.id}`))).toBe('404 not_found');
    const [invoice] = await allOf<InvoiceView>(buyer, '/v1/invoices');
    expect(invoice).toMatchObject({ subscriptionId, status: 'paid' });
    expect((await chargesOf(invoice?.orderId ?? '')).map(({ status }) => status)).toEqual(['succeeded']);
    await mailsOf(buyer.email, 'receipt', { count: 2 });
  });

  it('that is declined for good leaves an open bill and a grace; paid, it is active again [OWN-4] [SUB-3]', async () => {
    const buyer = await newcomer();
    const subscriptionId = await renewedWith(buyer, 'tok_chargeDeclined');
    const late = await becomes(buyer, subscriptionId, ({ unpaidInvoiceId }) => unpaidInvoiceId !== null);
    expect(late).toMatchObject({ status: 'expired', seats: { purchased: 2, assigned: 1 } });
    // Users work on.
    expect(await allOf(buyer, '/v1/me/licenses')).toHaveLength(1);
    await mailOf(buyer.email, 'cardDeclined');
    const invoiceId = late.unpaidInvoiceId ?? '';
    const [open, ...others] = await allOf<InvoiceView>(buyer, '/v1/invoices?status=open');
    expect([open?.id, open?.paidAt, others]).toEqual([invoiceId, null, []]);
    expect(await page(buyer, invoiceId)).toContain('<strong>Open</strong>: pay by ');

    expect(await ended(buyer, await pay(buyer, invoiceId, 'tok_insufficientFunds'))).toMatchObject({
      type: 'renewal',
      status: 'rejected',
      error: { code: 'insufficient_funds' },
    });
    expect((await subscription(buyer, subscriptionId)).unpaidInvoiceId).toBe(invoiceId);

    const paid = await succeeded(buyer, await pay(buyer, invoiceId, 'tok_visa'));
    expect(paid.result).toMatchObject({ invoiceId, subscriptionId });
    const after = await subscription(buyer, subscriptionId);
    expect(after).toMatchObject({ status: 'active', unpaidInvoiceId: null, autoRenew: true });
    expect(isPaidFor(after)).toBe(true);
    const bill = await must(200, buyer.get<InvoiceView>(`/v1/invoices/${invoiceId}`));
    expect(bill.status).toBe('paid');
    expect(await page(buyer, invoiceId)).toContain('Paid by card on ');
    const charges = await chargesOf(bill.orderId);
    expect(charges.map(({ status }) => status).sort()).toEqual(['declined', 'declined', 'succeeded']);
    const again = await buyer.post(`/v1/invoices/${invoiceId}/pay`, {
      paymentMethodId: after.paymentMethodId,
    });
    expect(verdictOf(again)).toBe('409 illegal_state');
    expect(again.problem?.state).toBe('paid');
  });

  it('that is declined softly is tried again: it stays active, its seats as they are, its card in use [BUY-9] [OWN-2]', async () => {
    const buyer = await newcomer();
    const subscriptionId = await renewedWith(buyer, 'tok_insufficientFunds');
    const owing = await becomes(buyer, subscriptionId, ({ unpaidInvoiceId }) => unpaidInvoiceId !== null);
    expect(owing.status).toBe('active');
    const more = await buyer.post('/v1/quotes', { subscriptionId, total: 5 });
    expect([verdictOf(more), more.problem?.state]).toEqual(['409 illegal_state', 'unpaid']);
    const card = await buyer.delete(`/v1/payment-methods/${owing.paymentMethodId}`);
    expect(verdictOf(card)).toBe('409 card_in_use');
    // Given up, it ends with its bill.
    const admin = await adminOf('contoso.example');
    const cancel = await must(
      202,
      admin.post<OperationView>(`/v1/subscriptions/${subscriptionId}/cancel`, { reason: 'unused' }),
    );
    await succeeded(admin, cancel);
    const [bill] = await allOf<InvoiceView>(buyer, '/v1/invoices');
    expect([bill?.id, bill?.status]).toEqual([owing.unpaidInvoiceId, 'void']);
    expect((await subscription(buyer, subscriptionId)).unpaidInvoiceId).toBeNull();
    expect(await page(buyer, bill?.id ?? '')).toContain('<strong>Void</strong>');
  });

  it('can be turned off, and on again after the end [OWN-5] [SUB-3]', async () => {
    const buyer = await newcomer();
    const { subscriptionId } = await buy(buyer);
    const path = `/v1/subscriptions/${subscriptionId}`;
    const off = await must(200, buyer.patch<SubscriptionView>(path, { autoRenew: false }));
    expect(off).toMatchObject({ autoRenew: false, renewsAt: null, status: 'active' });
    await termEnds(subscriptionId);
    await becomes(buyer, subscriptionId, ({ status }) => status === 'expired');
    expect(await allOf(buyer, '/v1/me/licenses')).toHaveLength(1);
    await must(200, buyer.patch(path, { autoRenew: true }));
    await lookForDue();
    const back = await becomes(buyer, subscriptionId, isPaidFor);
    expect(back).toMatchObject({ status: 'active', autoRenew: true });
  });
});

describe('a purchaser who leaves', () => {
  it('leaves the subscription to the organization; admins are told, users work on, support ends it for an admin [SUB-2] [DATA-1] [CAN-3]', async () => {
    const [admin, billing, buyer, user, home] = await Promise.all([
      adminOf('contoso.example'),
      person('billing.admin@contoso.example'),
      newcomer({ displayName: 'Leaving Lee' }),
      newcomer(),
      person('support@commissary.example'),
    ]);
    const { subscriptionId } = await buy(buyer, { quantity: 2 });
    await assign(buyer, subscriptionId, [user.userId]);
    const before = await subscription(admin, subscriptionId);
    await must(204, admin.delete(`/v1/users/${buyer.userId}`));
    for (const { email } of [admin, billing]) {
      const { text } = await mailOf(email, 'purchaserLeft', buyer.email);
      expect(text).toContain('Leaving Lee');
    }
    const after = await subscription(admin, subscriptionId);
    expect(after).toEqual({
      ...before,
      purchaser: { ...before.purchaser, state: 'deleted' },
      seats: { ...before.seats, assigned: 1, free: 1 },
    });
    expect(await allOf(user, '/v1/me/licenses')).toHaveLength(1);
    // Its card pays on, for as long as it does.
    await termEnds(subscriptionId);
    await becomes(admin, subscriptionId, isPaidFor);

    const support = home.in('contoso.example');
    const cancel = (requestedBy: string) =>
      support.post<OperationView>(`/v1/subscriptions/${subscriptionId}/cancel`, {
        reason: 'unused',
        requestedBy,
      });
    for (const wrong of ['reader@contoso.example', buyer.email]) {
      expect((await cancel(wrong)).problem?.errors?.[0]?.pointer).toBe('/requestedBy');
    }
    await succeeded(support, await must(202, cancel(billing.email)));
    expect((await subscription(admin, subscriptionId)).status).toBe('deleted');
    expect(await allOf(user, '/v1/me/licenses')).toEqual([]);
  });
});

it('the books balance after all of it [OPS-5]', async () => {
  await quiet();
  expect(await audit()).toEqual(NOTHING_WRONG);
});
