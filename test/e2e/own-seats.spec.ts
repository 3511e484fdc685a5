import { describe, expect, it } from '@jest/globals';
import type { InvoiceView, OperationView, OrderView, SubscriptionView } from '@commissary/contracts';
import { audit, NOTHING_WRONG } from './support/commands.js';
import { changedBy, quiet } from './support/database.js';
import { eventually } from './support/eventually.js';
import { startedEarlier, termEnds } from './support/lifetimes.js';
import { ended, succeeded } from './support/operations.js';
import { chargesOf, mailOf } from './support/outside.js';
import { adminOf, newcomer, newUser } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import {
  addSeats,
  allOf,
  askSeatQuote,
  assign,
  buy,
  central,
  changeSeats,
  payWith,
  subscription,
} from './support/shop.js';

const DAY_MS = 86_400_000;

interface SeatChange {
  seats: number;
  effective: string;
  orderId: string | null;
  invoiceId: string | null;
  charged: { amountMinor: number } | null;
  refunded: { amountMinor: number } | null;
}

const resultOf = ({ result }: OperationView): SeatChange => result as unknown as SeatChange;

const seatsOf = async (who: Person, id: string): Promise<SubscriptionView['seats']> =>
  (await subscription(who, id)).seats;

const amountsOf = async (orderId: string | null): Promise<[string, number][]> =>
  (await chargesOf(orderId ?? '')).map(({ status, amountMinor }) => [status, amountMinor]);

describe('more seats', () => {
  it('by the new total: quoted for the rest of the term, charged exactly so, there at once [OWN-2] [BUY-2]', async () => {
    const [buyer, admin] = await Promise.all([newcomer(), adminOf('contoso.example')]);
    const { subscriptionId } = await buy(buyer, { quantity: 3 });
    await startedEarlier(subscriptionId, 10 * DAY_MS);
    const { startedAt, expiresAt } = await subscription(buyer, subscriptionId);
    const quote = await must(201, askSeatQuote(buyer, subscriptionId, 8));
    expect(quote).toMatchObject({ subscriptionId, seats: 8, quantity: 5, offer: 'purchase' });
    const [from, to] = [Date.parse(startedAt), Date.parse(expiresAt)];
    const share = (5 * quote.unitPrice.amountMinor * (to - Date.now())) / (to - from);
    expect(Math.abs(quote.total.amountMinor - share)).toBeLessThan(2);

    const operation = await must(202, changeSeats(buyer, subscriptionId, { total: 8, quoteId: quote.id }));
    expect(operation).toMatchObject({ type: 'seatChange', subscriptionId });
    const result = resultOf(await succeeded(buyer, operation));
    expect(result).toMatchObject({ seats: 8, effective: 'now', charged: quote.total, refunded: null });
    expect(await seatsOf(buyer, subscriptionId)).toEqual({ purchased: 8, assigned: 1, reserved: 0, free: 7 });
    expect(await amountsOf(result.orderId)).toEqual([['succeeded', quote.total.amountMinor]]);
    const [added, first] = await allOf<OrderView>(buyer, `/v1/subscriptions/${subscriptionId}/orders`);
    expect([added?.kind, added?.quantity, added?.status]).toEqual(['seatChange', 5, 'paid']);
    expect([first?.kind, first?.quantity]).toEqual(['purchase', 3]);
    expect(await must(200, buyer.get<InvoiceView>(`/v1/invoices/${result.invoiceId}`))).toMatchObject({
      status: 'paid',
      total: quote.total,
    });
    await mailOf(buyer.email, 'seatsChanged');
    await mailOf(admin.email, 'purchaseAlert', buyer.email);
  });

  it('are not there if the card is declined; the quote may be used again with another [BUY-6] [OWN-2]', async () => {
    const buyer = await newcomer();
    const { subscriptionId } = await buy(buyer);
    await payWith(buyer, subscriptionId, 'tok_insufficientFunds');
    const quote = await must(201, askSeatQuote(buyer, subscriptionId, 4));
    const change = async () =>
      ended(buyer, await must(202, changeSeats(buyer, subscriptionId, { total: 4, quoteId: quote.id })));
    expect(await change()).toMatchObject({ status: 'rejected', error: { code: 'insufficient_funds' } });
    expect((await subscription(buyer, subscriptionId)).seats.purchased).toBe(1);
    await mailOf(buyer.email, 'cardDeclined');
    await payWith(buyer, subscriptionId, 'tok_mastercard');
    const result = resultOf(await change());
    expect(await amountsOf(result.orderId)).toEqual([['succeeded', quote.total.amountMinor]]);
    expect((await subscription(buyer, subscriptionId)).seats.purchased).toBe(4);
  });

  it('of a central subscription are recorded at the contract price, without a charge [ADM-6] [OWN-2]', async () => {
    const admin = await adminOf('contoso.example');
    const { id } = await central(10);
    const operation = await must(202, changeSeats(admin, id, { total: 1_000_000 }));
    const result = resultOf(await succeeded(admin, operation));
    expect(result).toMatchObject({ seats: 1_000_000, invoiceId: null, charged: null });
    expect((await subscription(admin, id)).seats).toMatchObject({ purchased: 1_000_000, free: 1_000_000 });
    expect(await chargesOf(result.orderId ?? '')).toEqual([]);
    const fewer = await must(202, changeSeats(admin, id, { total: 20 }));
    expect(resultOf(await succeeded(admin, fewer))).toMatchObject({ seats: 20, refunded: null });
  });
});

describe('fewer seats', () => {
  it('at once give back, the last charge first, what is left of them [OWN-2] [OWN-5]', async () => {
    const buyer = await newcomer();
    const bought = await buy(buyer, { quantity: 4 });
    const { subscriptionId } = bought;
    const more = resultOf(await succeeded(buyer, await addSeats(buyer, subscriptionId, 6)));
    const operation = await must(202, changeSeats(buyer, subscriptionId, { total: 3 }));
    const { refunded } = resultOf(await succeeded(buyer, operation));
    expect((await subscription(buyer, subscriptionId)).seats).toMatchObject({ purchased: 3, free: 2 });
    const [added] = await chargesOf(more.orderId ?? '');
    const [first] = await chargesOf(bought.orderId);
    // Both of the last charge, one of the four of the first; a few seconds of the month are gone.
    const all = { added: added?.amountMinor ?? 0, first: Math.floor((first?.amountMinor ?? 0) / 4) };
    expect(added?.refundedMinor).toBeGreaterThanOrEqual(all.added - 2);
    expect(added?.refundedMinor).toBeLessThanOrEqual(all.added);
    expect(first?.refundedMinor).toBeGreaterThanOrEqual(all.first - 2);
    expect(first?.refundedMinor).toBeLessThanOrEqual(all.first);
    expect(refunded?.amountMinor).toBe((added?.refundedMinor ?? 0) + (first?.refundedMinor ?? 0));
    await mailOf(buyer.email, 'seatsChanged', '3');
  });

  it('at the renewal are fewer, and paid so, from the next term on [OWN-2] [BUY-9]', async () => {
    const buyer = await newcomer();
    const { subscriptionId } = await buy(buyer, { quantity: 5 });
    await startedEarlier(subscriptionId, 8 * DAY_MS);
    expect(verdictOf(await changeSeats(buyer, subscriptionId, { total: 2 }))).toBe('409 illegal_state');
    await succeeded(
      buyer,
      await must(202, changeSeats(buyer, subscriptionId, { total: 2, effective: 'renewal' })),
    );
    expect(await subscription(buyer, subscriptionId)).toMatchObject({
      seatsAtRenewal: 2,
      seats: { purchased: 5 },
    });
    await termEnds(subscriptionId);
    const renewed = await eventually('it is renewed', async () => {
      const now = await subscription(buyer, subscriptionId);
      return Date.parse(now.expiresAt) > Date.now() && now.operation === null ? now : undefined;
    });
    expect(renewed).toMatchObject({ status: 'active', seatsAtRenewal: null, seats: { purchased: 2 } });
    const [order] = await allOf<OrderView>(buyer, `/v1/subscriptions/${subscriptionId}/orders`);
    expect(order).toMatchObject({ kind: 'renewal', quantity: 2, status: 'paid' });
    expect(await amountsOf(order?.id ?? '')).toEqual([['succeeded', 2 * renewed.unitPrice.amountMinor]]);
  });

  it('are never fewer than are in use, and nothing has changed then [OWN-2]', async () => {
    const buyer = await newcomer();
    const { subscriptionId } = await buy(buyer, { quantity: 3 });
    await assign(buyer, subscriptionId, [(await newUser()).id]);
    await quiet();
    const changed = await changedBy(async () => {
      for (const effective of ['now', 'renewal']) {
        const refused = await changeSeats(buyer, subscriptionId, { total: 1, effective });
        expect(verdictOf(refused)).toBe('409 seats_in_use');
        expect(refused.problem).toMatchObject({ needed: 2, free: 1, shortfall: 1 });
      }
    });
    expect(changed).toEqual([]);
  });
});

it('the books balance after all of it [OPS-5]', async () => {
  await quiet();
  expect(await audit()).toEqual(NOTHING_WRONG);
});
