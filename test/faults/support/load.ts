import { expect } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { ended } from '../../e2e/support/operations.js';
import { chargesOf } from '../../e2e/support/outside.js';
import { person } from '../../e2e/support/people.js';
import { must, type Person } from '../../e2e/support/person.js';
import { addCard, askQuote, purchaseOutcome } from '../../e2e/support/shop.js';
import { FULL } from './fault-stack.js';
import { persist } from './persistent.js';

const ENDS_WITHIN_MS = 60_000;
const PURCHASES = FULL ? 100 : 8;
/** Of several tenants. */
const BUYERS = [
  'alex@contoso.example',
  'blake@contoso.example',
  'user@litware.example',
  'user@relecloud-org.example',
] as const;

export interface Prepared {
  buyer: Person;
  body: { quoteId: string; paymentMethodId: string };
}

/** Cards and quotes, so that the fault meets nothing but the purchases. */
export const prepared = async (): Promise<Prepared[]> => {
  const buyers = await Promise.all(BUYERS.map(person));
  return Promise.all(
    Array.from({ length: PURCHASES }, async (_, i) => {
      const buyer = buyers[i % buyers.length]!;
      const [card, quote] = await Promise.all([addCard(buyer), must(201, askQuote(buyer))]);
      return { buyer, body: { quoteId: quote.id, paymentMethodId: card.id } };
    }),
  );
};

/** Each was accepted; each ends well and is charged once. */
export const allWell = async (purchases: Prepared[], accepted: OperationView[]): Promise<void> => {
  const ends = await Promise.all(
    accepted.map((operation, i) => ended(purchases[i]!.buyer, operation, ENDS_WITHIN_MS)),
  );
  const charges = await Promise.all(ends.map((end) => chargesOf(purchaseOutcome(end).orderId)));
  expect(charges.map((each) => each.length)).toEqual(accepted.map(() => 1));
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
};

/** Each is asked for until it is accepted. */
export const post = async (purchases: Prepared[]): Promise<OperationView[]> =>
  Promise.all(
    purchases.map(({ buyer, body }) => must(202, persist<OperationView>(buyer, '/v1/purchases', body))),
  );
