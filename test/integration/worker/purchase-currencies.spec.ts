import { beforeEach, describe, expect, it } from '@jest/globals';
import { current } from '../../support/fixtures/operations.js';
import { aTenancy } from '../../support/fixtures/people.js';
import { charged } from '../../support/fixtures/provider.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { aCancellation } from '../../support/fixtures/takeovers.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const suite = workerSuite();
let { world, worker } = suite;

beforeEach(() => {
  ({ world, worker } = suite);
});

const QUANTITY = 3;

/** The price of a seat for a month in the sample catalog, in the currency of each market. */
const MARKETS = [
  ['GB', 'GBP', 790],
  ['US', 'USD', 999],
] as const;

describe('a purchase is made in the currency of its tenant’s market', () => {
  it.each(MARKETS)(
    'in %s everything is recorded and charged in %s, to the last minor unit [BUY-2, BUY-4]',
    async (billingCountry, currency, unitMinor) => {
      const collections = collectionsOf(world.database);
      const tenancy = await aTenancy(world, { billingCountry });
      const purchase = await aPurchase(world, tenancy, { quantity: QUANTITY });
      await runToEnd(world, worker, purchase);
      const amountMinor = QUANTITY * unitMinor;
      const total = { amountMinor, currency };

      const { status, result } = await current(world, purchase);
      expect([status, result?.charged]).toEqual(['succeeded', total]);
      const { orderId, subscriptionId } = purchase.request;
      const order = await collections.orders.findOne({ _id: orderId });
      expect(order).toMatchObject({
        status: 'paid',
        unitPrice: { amountMinor: unitMinor, currency },
        total,
      });
      const payments = await collections.payments.find({ orderId }).toArray();
      expect(payments).toMatchObject([{ status: 'succeeded', amount: total }]);
      const invoices = await collections.invoices.find({ orderId }).toArray();
      expect(invoices).toMatchObject([{ status: 'paid', total, lines: [{ amount: total }] }]);
      const subscription = await collections.subscriptions.findOne({ _id: subscriptionId });
      expect(subscription).toMatchObject({
        unitPrice: { amountMinor: unitMinor, currency },
        purchasePrice: total,
      });

      const postings = await collections.ledger.find({ orderId }).toArray();
      expect(postings.map(({ kind }) => kind).sort()).toEqual(['charge', 'invoice']);
      for (const { entries } of postings) {
        expect(entries.map(({ side, amount }) => [side, amount])).toEqual([
          ['debit', total],
          ['credit', total],
        ]);
      }
      const books = await charged(world, orderId);
      expect(books).toMatchObject([{ status: 'succeeded', amountMinor, currency, refundedMinor: 0 }]);
      expect(books[0]?.id).toBe(payments[0]?.chargeId);
    },
  );

  it('what a cancellation gives back is of the currency that was charged [OWN-5, CAN-2]', async () => {
    const tenancy = await aTenancy(world, { billingCountry: 'GB' });
    const purchase = await aPurchase(world, tenancy, { quantity: QUANTITY });
    await runToEnd(world, worker, purchase);
    const { subscriptionId, orderId } = purchase.request;
    const cancellation = await aCancellation(world, tenancy, { _id: subscriptionId });
    await runToEnd(world, worker, cancellation);
    const { result } = await current(world, cancellation);
    expect(result?.refunded?.currency).toBe('GBP');
    const [refund] = await collectionsOf(world.database).ledger.find({ orderId, kind: 'refund' }).toArray();
    expect(refund?.entries.map(({ amount }) => amount)).toEqual([result?.refunded, result?.refunded]);
    const [charge] = await charged(world, orderId);
    expect(charge).toMatchObject({ currency: 'GBP', refundedMinor: result?.refunded?.amountMinor });
  });
});
