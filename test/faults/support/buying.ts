import { setTimeout as delay } from 'node:timers/promises';
import type { OperationView, PaymentMethodView } from '@commissary/contracts';
import { ended } from '../../e2e/support/operations.js';
import { newcomer } from '../../e2e/support/people.js';
import { must, type Person } from '../../e2e/support/person.js';
import { addCard, askQuote, purchaseOutcome } from '../../e2e/support/shop.js';

export interface Shopper {
  who: Person;
  card: PaymentMethodView;
}

/** People of one tenant, each with a card; several, for each has a rate limit of their own. */
export const shoppers = (count: number, domain: string): Promise<Shopper[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const who = await newcomer({ domain });
      return { who, card: await addCard(who) };
    }),
  );

export interface Bought {
  /** How long each purchase took from its POST to its end, ms. */
  tookMs: number[];
  perSecond: number;
}

const buyOne = async ({ who, card }: Shopper): Promise<number> => {
  const quote = await must(201, askQuote(who));
  const began = performance.now();
  const body = { quoteId: quote.id, paymentMethodId: card.id };
  const operation = await must(202, who.post<OperationView>('/v1/purchases', body));
  purchaseOutcome(await ended(who, operation));
  return performance.now() - began;
};

/** Each shopper buys again and again, after `restMs` each time, until `isOver` says so. */
export const keepBuying = async (
  people: readonly Shopper[],
  isOver: () => boolean,
  restMs = 0,
): Promise<Bought> => {
  const began = performance.now();
  const tookMs: number[] = [];
  await Promise.all(
    people.map(async (shopper) => {
      while (!isOver()) {
        tookMs.push(await buyOne(shopper));
        if (restMs > 0) await delay(restMs);
      }
    }),
  );
  return { tookMs, perSecond: (tookMs.length * 1000) / (performance.now() - began) };
};

export const buyFor = (people: readonly Shopper[], ms: number, restMs = 0): Promise<Bought> => {
  const until = performance.now() + ms;
  return keepBuying(people, () => performance.now() > until, restMs);
};
