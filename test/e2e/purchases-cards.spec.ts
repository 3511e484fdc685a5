import { afterEach, describe, expect, it } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { database } from './support/database.js';
import { eventually } from './support/eventually.js';
import { ended } from './support/operations.js';
import { chargesOf, mailOf, mailsTo, paymentFaults } from './support/outside.js';
import { newcomer } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { addCard, allOf, askQuote, buy, order, PRODUCTS, purchaseOutcome } from './support/shop.js';
import { collectionsOf } from '../support/driver.js';

/** Of an operation that has no result, only the database can tell. */
const orderIdOf = async ({ id }: { id: string }): Promise<string> => {
  const collections = collectionsOf(await database());
  const operation = await collections.operations.findOne({ _id: id });
  if (operation?.type !== 'purchase') throw new Error('no purchase');
  return operation.request.orderId;
};

const statusesOf = async (orderId: string): Promise<string[]> =>
  (await chargesOf(orderId)).map(({ status }) => status);

describe('payment methods', () => {
  it.each(['purchase_order', 'invoice', 'sepa_debit'])('refuses %s by name [BUY-3]', async (type) => {
    const buyer = await newcomer();
    const answer = await buyer.post('/v1/payment-methods', { type, number: 'PO-4711', token: 'tok_visa' });
    expect(verdictOf(answer)).toBe('400 payment_method_unsupported');
    expect(answer.problem?.detail).toContain(type);
    expect(await allOf(buyer, '/v1/payment-methods')).toEqual([]);
  });

  it('adds cards by token, and keeps neither number nor token [BUY-3]', async () => {
    const buyer = await newcomer();
    const [visa, mastercard] = [await addCard(buyer), await addCard(buyer, 'tok_mastercard')];
    expect([visa, mastercard]).toMatchObject([
      { brand: 'visa', last4: '4242' },
      { brand: 'mastercard', last4: '4444' },
    ]);
    expect(await allOf(buyer, '/v1/payment-methods')).toEqual([mastercard, visa]);
    const collections = collectionsOf(await database());
    const kept = JSON.stringify([
      await collections.paymentMethods.find({ userId: buyer.userId }).toArray(),
      await collections.idempotency.find({ subjectId: { $in: [visa.id, mastercard.id] } }).toArray(),
      await collections.audit.find({ 'actor.userId': buyer.userId }).toArray(),
    ]);
    expect(kept).not.toContain('tok_');
  });

  it.each([
    ['tok_expired', 'card_expired'],
    ['tok_unknown', 'token_unknown'],
  ])('refuses %s when it is added [BUY-3]', async (token, rule) => {
    const buyer = await newcomer();
    const answer = await buyer.post('/v1/payment-methods', { token });
    expect(verdictOf(answer)).toBe('400 invalid_request');
    expect(answer.problem?.errors).toEqual([expect.objectContaining({ pointer: '/token', rule })]);
  });

  it('removes a card that no subscription needs; one in use is card_in_use', async () => {
    const buyer = await newcomer();
    const spare = await addCard(buyer);
    await buy(buyer);
    const [inUse] = (await allOf<{ id: string }>(buyer, '/v1/payment-methods')).filter(
      ({ id }) => id !== spare.id,
    );
    expect(verdictOf(await buyer.delete(`/v1/payment-methods/${inUse?.id ?? ''}`))).toBe('409 card_in_use');
    await must(204, buyer.delete(`/v1/payment-methods/${spare.id}`));
    expect(await allOf(buyer, '/v1/payment-methods')).toHaveLength(1);
    const other = await must(201, askQuote(buyer));
    const gone = await buyer.post('/v1/purchases', { quoteId: other.id, paymentMethodId: spare.id });
    expect(verdictOf(gone)).toBe('404 not_found');
  });
});

describe('cards that are declined', () => {
  it.each([
    ['tok_chargeDeclined', 'card_declined'],
    ['tok_insufficientFunds', 'insufficient_funds'],
    ['tok_sca', 'authentication_required'],
  ])(
    '%s: rejected, nothing created, the buyer is told and may try another card [BUY-6]',
    async (token, code) => {
      const buyer = await newcomer();
      const quote = await must(201, askQuote(buyer, { quantity: 2 }));
      const purchase = async (card: string): Promise<OperationView> => {
        const { id } = await addCard(buyer, card);
        const body = { quoteId: quote.id, paymentMethodId: id };
        return ended(buyer, await must(202, buyer.post<OperationView>('/v1/purchases', body)));
      };
      const declined = await purchase(token);
      expect(declined).toMatchObject({ status: 'rejected', result: null, error: { code } });
      expect(declined.progress).toMatchObject({ total: 1, done: 0, failed: 1, pending: 0 });
      expect(declined.error?.detail).not.toBe('');
      for (const path of ['/v1/subscriptions', '/v1/me/licenses', '/v1/invoices']) {
        expect(await allOf(buyer, path)).toEqual([]);
      }
      expect(await statusesOf(await orderIdOf(declined))).toEqual(['declined']);
      const received = await mailOf(buyer.email, 'cardDeclined');
      expect(received.text).toContain('$19.98');

      // The quote was let go.
      const bought = purchaseOutcome(await purchase('tok_visa'));
      expect(await statusesOf(bought.orderId)).toEqual(['succeeded']);
      await mailOf(buyer.email, 'receipt');
      const templates = (await mailsTo(buyer.email)).map(({ template }) => template);
      expect(templates.sort()).toEqual(['cardDeclined', 'receipt']);
    },
  );
});

describe('a provider that fails', () => {
  afterEach(() => paymentFaults({ mode: 'none' }));

  /** Resolves when the provider is about to be asked for this order's charge. */
  const asked = (operation: OperationView): Promise<true> =>
    eventually('the charge is asked for', async () => {
      const collections = collectionsOf(await database());
      const payment = await collections.payments.findOne({ operationId: operation.id, attempts: { $gt: 0 } });
      return payment ? true : undefined;
    });

  const oneCharge = async (buyer: Person, operation: OperationView): Promise<void> => {
    const bought = purchaseOutcome(await ended(buyer, operation));
    const charges = await chargesOf(bought.orderId);
    expect(charges.map(({ status, amountMinor }) => [status, amountMinor])).toEqual([
      ['succeeded', bought.charged.amountMinor],
    ]);
    expect(await allOf(buyer, '/v1/me/licenses')).toHaveLength(1);
    expect(await allOf(buyer, '/v1/subscriptions')).toHaveLength(1);
    expect(await allOf(buyer, '/v1/invoices')).toHaveLength(1);
  };

  it('is asked again under the same key, whatever became of its answer: one charge each [BUY-6]', async () => {
    const modes = ['timeoutBefore', 'timeoutAfter', 'http500', 'dropResponse', 'late'];
    const cards = ['tok_timeoutThenOk', 'tok_unavailableThenOk'];
    const buyers = await Promise.all([...modes, ...cards].map(() => newcomer()));
    const open: [Person, OperationView][] = [];
    for (const [n, mode] of modes.entries()) {
      await paymentFaults({ mode, count: 1, ...(mode === 'late' && { delayMs: 5_500 }) });
      const buyer = buyers[n]!;
      const operation = await order(buyer);
      await asked(operation);
      open.push([buyer, operation]);
    }
    for (const [n, card] of cards.entries()) {
      const buyer = buyers[modes.length + n]!;
      open.push([buyer, await order(buyer, { card })]);
    }
    await Promise.all(open.map(([buyer, operation]) => oneCharge(buyer, operation)));
  });

  it('rules are not asked again once it has been asked: what was charged is completed [BUY-6]', async () => {
    const buyer = await newcomer({ domain: 'wingtip.example' });
    const admin = await newcomer({ domain: 'wingtip.example', roles: ['globalAdmin'] });
    const setting = `/v1/policies/AllowSelfServicePurchase/products/${PRODUCTS.powerBiPro}`;
    await paymentFaults({ mode: 'dropResponse', count: 1 });
    const operation = await order(buyer);
    await asked(operation);
    await must(200, admin.put(setting, { policyValue: 'Disabled' }));
    try {
      await oneCharge(buyer, operation);
    } finally {
      await must(200, admin.put(setting, { policyValue: 'Enabled' }));
    }
  });
});
