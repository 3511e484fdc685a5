import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DUNNING,
  isRise,
  type LifecycleFacts,
  newLife,
  nextDueAt,
  nextTryAt,
  renewalPrice,
  renewedTerm,
  RISE_NOTICE_DAYS,
  seatsToRenew,
  stepDue,
} from './lifecycle.js';
import { money } from './money.js';
import { SUBSCRIPTION_STATUSES } from './subscription.js';
import { addDays } from './term.js';

const at = (iso: string): Date => new Date(iso);
const DAY = 86_400_000;

const start = at('2026-01-01T00:00:00Z');
const end = at('2026-02-01T00:00:00Z');
const monthly = newLife({ isTrial: false, autoRenew: true, expiresAt: end }, start);
const unpaid = { orderId: 'ord_1', invoiceId: 'inv_1', tries: 1, firstTriedAt: end };

interface Given extends Partial<Omit<LifecycleFacts, 'lifecycle'>> {
  lifecycle?: Partial<LifecycleFacts['lifecycle']>;
  /** When its status began. */
  since?: Date;
}
const facts = ({ lifecycle, since = start, status = 'active', ...given }: Given = {}): LifecycleFacts => ({
  ...monthly,
  status,
  history: [{ status, at: since }],
  ...given,
  lifecycle: { ...monthly.lifecycle, ...lifecycle },
});

describe('newLife', () => {
  it('SUB-1 begins active, in its first term, with the first thing that will be due', () => {
    const priced = at('2026-01-01T00:00:00Z');
    expect(monthly).toMatchObject({
      status: 'active',
      startedAt: start,
      termStartedAt: start,
      renewsAt: end,
    });
    expect(monthly.history).toEqual([{ status: 'active', at: start }]);
    expect(monthly.lifecycle).toMatchObject({ anchorAt: start, terms: 1, unpaid: null, dueAt: priced });
  });

  it('BUY-8 ADM-6 what does not renew has no day for it', () => {
    const trial = newLife({ isTrial: true, autoRenew: false, expiresAt: end }, start);
    expect([trial.renewsAt, trial.lifecycle.dueAt]).toEqual([null, at('2026-01-25T00:00:00Z')]);
    const contract = newLife({ isTrial: false, autoRenew: false, expiresAt: end }, start);
    expect([contract.renewsAt, contract.lifecycle.dueAt]).toEqual([null, end]);
  });
});

describe('what is due', () => {
  const looked = { pricedFor: end };
  const announced = { pricedFor: end, remindedOf: end };
  const soft = { ...announced, unpaid: { ...unpaid, nextTryAt: addDays(end, 2) } };
  const given = { ...announced, unpaid: { ...unpaid, nextTryAt: null } };
  const off = { autoRenew: false };
  const expired = { status: 'expired' as const, since: end };
  const disabled = { status: 'disabled' as const, since: end };

  it.each<[string, Given, string, string]>([
    ['BUY-9 a higher price is looked for 31 days before the end', {}, '2026-01-01', 'announceRise'],
    ['BUY-9 a reminder goes out 7 days before it', { lifecycle: looked }, '2026-01-25', 'remind'],
    ['BUY-9 it renews at the end', { lifecycle: announced }, '2026-02-01', 'renew'],
    ['BUY-9 a soft decline is tried again', { lifecycle: soft }, '2026-02-03', 'renew'],
    ['BUY-9 SUB-3 a hard one ends it with its term', { lifecycle: given }, '2026-02-01', 'expire'],
    ['OWN-5 SUB-3 unless it renews, it ends', off, '2026-02-01', 'expire'],
    ['OWN-5 so does what is turned off amid its tries', { ...off, lifecycle: soft }, '2026-02-01', 'expire'],
    ['BUY-8 MSG-1 a trial’s end is near', { ...off, isTrial: true }, '2026-01-25', 'remind'],
    ['BUY-8 a trial ends', { ...off, isTrial: true, lifecycle: announced }, '2026-02-01', 'expire'],
    ['SUB-3 30 days of grace', { ...off, ...expired }, '2026-03-03', 'disable'],
    ['SUB-3 90 days locked', { ...off, ...disabled }, '2026-05-02', 'delete'],
    ['SUB-3 turned on again in grace', expired, '2026-02-01', 'renew'],
    ['SUB-3 turned on again while locked', disabled, '2026-02-01', 'renew'],
    ['BUY-9 SUB-3 then tried again too', { ...expired, lifecycle: soft }, '2026-02-03', 'renew'],
    ['BUY-9 SUB-3 and locked too', { ...disabled, lifecycle: soft }, '2026-02-03', 'renew'],
    ['BUY-9 SUB-3 no more tries in grace', { ...expired, lifecycle: given }, '2026-03-03', 'disable'],
    ['BUY-9 SUB-3 no more tries while locked', { ...disabled, lifecycle: given }, '2026-05-02', 'delete'],
  ])('%s', (_title, state, day, step) => {
    const due = at(`${day}T00:00:00Z`);
    expect(nextDueAt(facts(state))).toEqual(due);
    expect(stepDue(facts(state), new Date(due.getTime() - 1))).toBeNull();
    expect(stepDue(facts(state), due)).toBe(step);
  });

  it('SUB-3 without a history the days of grace are counted from the end of the term', () => {
    const state = { ...facts({ ...off, status: 'expired' }), history: [] };
    expect([nextDueAt(state), stepDue(state, addDays(end, 30))]).toEqual([addDays(end, 30), 'disable']);
  });

  it('SUB-1 nothing is ever due of what is deleted', () => {
    const gone = facts({ status: 'deleted', lifecycle: soft });
    expect([nextDueAt(gone), stepDue(gone, at('2999-01-01T00:00:00Z'))]).toEqual([null, null]);
  });

  it('BUY-9 after its end nobody is reminded of it any more', () => {
    expect(stepDue(facts(), end)).toBe('renew');
    expect(stepDue(facts(off), end)).toBe('expire');
    expect(stepDue(facts(), new Date(end.getTime() - 1))).toBe('remind');
  });

  it('BUY-9 SUB-3 something is due from nextDueAt on, and nothing before', () => {
    const days = fc.integer({ min: -100, max: 100 }).map((days) => addDays(end, days));
    const maybe = fc.option(fc.constant(end));
    const states = fc.record({
      status: fc.constantFrom(...SUBSCRIPTION_STATUSES),
      isTrial: fc.boolean(),
      autoRenew: fc.boolean(),
      since: days,
      lifecycle: fc.record({
        remindedOf: maybe,
        pricedFor: maybe,
        unpaid: fc.option(fc.record({ nextTryAt: fc.option(days) }).map((more) => ({ ...unpaid, ...more }))),
      }),
    });
    fc.assert(
      fc.property(states, days, (state, now) => {
        const due = nextDueAt(facts(state));
        const isDue = due !== null && due <= now;
        expect(stepDue(facts(state), now) !== null).toBe(isDue);
        expect(due === null).toBe(state.status === 'deleted');
      }),
    );
  });
});

describe('renewedTerm', () => {
  const due = { status: 'active' as const, expiresAt: end, lifecycle: { anchorAt: start, terms: 1 } };
  const late = at('2026-02-20T12:00:00Z');

  it.each(['active', 'expired'] as const)(
    'BUY-9 of what is %s follows the old one, however late',
    (status) => {
      for (const now of [end, late, at('2027-01-01T00:00:00Z')]) {
        const next = { start: end, end: at('2026-03-01T00:00:00Z'), anchorAt: start, terms: 2 };
        expect(renewedTerm({ ...due, status }, 'P1M', now)).toEqual(next);
      }
    },
  );

  it('SUB-3 begins with the payment where users were locked out, and terms are counted from there', () => {
    const next = { start: late, end: at('2026-03-20T12:00:00Z'), anchorAt: late, terms: 1 };
    expect(renewedTerm({ ...due, status: 'disabled' }, 'P1M', late)).toEqual(next);
  });
});

describe('nextTryAt', () => {
  /** Asked right after the attempt of that number, made on its day. */
  const tries = (soft: boolean, count: number) =>
    nextTryAt({ tries: count, firstTriedAt: end }, soft, addDays(end, 2 * (count - 1)));

  it('BUY-9 a soft decline is tried 8 times over 14 days, evenly', () => {
    expect(DUNNING).toEqual({ tries: 8, days: 14 });
    const after = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => tries(true, count));
    expect(after).toEqual([...[2, 4, 6, 8, 10, 12, 14].map((days) => addDays(end, days)), null, null]);
  });

  it('BUY-9 tries that an outage missed follow a day apart', () => {
    const back = addDays(end, 30);
    expect(nextTryAt({ tries: 2, firstTriedAt: end }, true, back)).toEqual(addDays(back, 1));
  });

  it('BUY-9 a hard decline is not tried again, whatever came before', () => {
    expect([1, 2, 7, 8].map((count) => tries(false, count))).toEqual([null, null, null, null]);
  });
});

describe('seatsToRenew', () => {
  const seats = { purchased: 100, assigned: 60, reservations: [{ operationId: 'op_1', seats: 5 }] };

  it.each([
    ['all, unless fewer were asked for', null, 100],
    ['as many as were asked for', 80, 80],
    ['down to what is assigned and promised', 65, 65],
    ['and never below that', 10, 65],
    ['nor more than there are, when some were given back since', 120, 100],
  ])('OWN-2 %s', (_title, asked, expected) => expect(seatsToRenew(seats, asked)).toBe(expected));

  it('OWN-2 never below assigned + reserved, never above purchased', () => {
    const counts = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(counts, counts, counts, fc.option(counts), (assigned, reserved, free, asked) => {
        const purchased = assigned + reserved + free;
        const reservations = [{ operationId: 'op_1', seats: reserved }];
        const renewed = seatsToRenew({ purchased, assigned, reservations }, asked);
        expect(renewed).toBeGreaterThanOrEqual(assigned + reserved);
        expect(renewed).toBeLessThanOrEqual(purchased);
        if (asked !== null && asked >= assigned + reserved && asked <= purchased) expect(renewed).toBe(asked);
      }),
    );
  });
});

describe('the price of a renewal', () => {
  const usd = (amountMinor: number) => money(amountMinor, 'USD');
  const now = at('2026-02-01T00:00:00Z');
  const announced = (amountMinor: number, days: number, currency = 'USD') => ({
    unitPrice: money(amountMinor, currency),
    announcedAt: new Date(now.getTime() - days * DAY),
  });

  it.each([
    ['the same', usd(1000), null, usd(1000)],
    ['a fall at once', usd(900), null, usd(900)],
    ['a rise that nobody was told of: not', usd(1200), null, usd(1000)],
    ['a rise announced a moment late: not', usd(1200), announced(1200, 30 - 1 / DAY), usd(1000)],
    ['a rise announced 30 days before', usd(1200), announced(1200, 30), usd(1200)],
    ['less than was announced', usd(1100), announced(1200, 30), usd(1100)],
    ['more than was announced: not', usd(1201), announced(1200, 300), usd(1000)],
    ['another currency counts as a rise', money(1, 'EUR'), null, usd(1000)],
    ['another currency, announced', money(950, 'EUR'), announced(950, 30, 'EUR'), money(950, 'EUR')],
    ['another currency than announced: not', money(950, 'EUR'), announced(1200, 90), usd(1000)],
    ['sold no more: as it was', null, announced(1200, 90), usd(1000)],
  ])('BUY-9 %s', (_title, inForce, rise, expected) => {
    expect(renewalPrice({ current: usd(1000), inForce, rise }, now)).toEqual(expected);
  });

  it('BUY-9 a rise is never charged before 30 days after it was announced; a fall always is', () => {
    const prices = fc.record({
      amountMinor: fc.nat({ max: 20 }),
      currency: fc.constantFrom('USD', 'EUR'),
    });
    const rises = fc.tuple(prices, fc.integer({ min: -60 * DAY, max: 60 * DAY }));
    fc.assert(
      fc.property(prices, fc.option(prices), fc.option(rises), (current, inForce, rise) => {
        const announced = rise && { unitPrice: rise[0], announcedAt: new Date(now.getTime() - rise[1]) };
        const price = renewalPrice({ current, inForce, rise: announced }, now);
        expect([current, inForce]).toContainEqual(price);
        const isFall = inForce?.currency === current.currency && inForce.amountMinor <= current.amountMinor;
        if (isFall) expect(price).toEqual(inForce);
        if (!isRise(current, price)) return;
        expect(rise?.[1]).toBeGreaterThanOrEqual(RISE_NOTICE_DAYS * DAY);
        expect(price.currency).toBe(rise?.[0].currency);
        expect(price.amountMinor).toBeLessThanOrEqual(rise?.[0].amountMinor ?? -1);
      }),
      { numRuns: 1000 },
    );
  });
});
