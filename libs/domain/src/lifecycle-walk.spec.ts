import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DUNNING,
  type LifecycleStep,
  type NewLife,
  newLife,
  nextDueAt,
  nextTryAt,
  type Period,
  renewedTerm,
  stepDue,
} from './lifecycle.js';
import { SUBSCRIPTION_PATHS, type SubscriptionStatus } from './subscription.js';
import { addDays, addTerm, addTerms, type Term, TERMS } from './term.js';

const DAY = 86_400_000;
const at = (iso: string): Date => new Date(iso);
const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** What the card says to one try; who is out of answers declines for good. */
type Answer = 'paid' | 'soft' | 'hard';

/** What the world does to a subscription: each list is used up from its front. */
interface World {
  term: Term;
  answers: Answer[];
  /** How late the scheduler is, ms; at the end it is punctual. */
  delays?: number[];
  /** After which steps the purchaser turns renewal off, or on again. */
  toggles?: boolean[];
  until?: Date;
}

interface Walked {
  step: LifecycleStep;
  at: Date;
  status: SubscriptionStatus;
  /** The term it was a step of. */
  expiresAt: Date;
  /** What was paid for by it. */
  paid?: Period;
  answer?: Answer;
}

const STATUS_AFTER: Partial<Record<LifecycleStep, SubscriptionStatus>> = {
  expire: 'expired',
  disable: 'disabled',
  delete: 'deleted',
};

const changed = (life: NewLife, status: SubscriptionStatus, now: Date): NewLife =>
  status === life.status ? life : { ...life, status, history: [...life.history, { status, at: now }] };

const tried = (life: NewLife, term: Term, answer: Answer, now: Date): NewLife => {
  const { lifecycle } = life;
  if (answer === 'paid') {
    const { start, end, ...counted } = renewedTerm(life, term, now);
    const renewed = { ...lifecycle, ...counted, unpaid: null };
    return changed({ ...life, termStartedAt: start, expiresAt: end, lifecycle: renewed }, 'active', now);
  }
  const { tries, firstTriedAt } = lifecycle.unpaid ?? { tries: 0, firstTriedAt: now };
  const attempt = { tries: tries + 1, firstTriedAt };
  const again = nextTryAt(attempt, answer === 'soft', now);
  const unpaid = { orderId: 'ord_1', invoiceId: 'inv_1', ...attempt, nextTryAt: again };
  return { ...life, lifecycle: { ...lifecycle, unpaid } };
};

const after = (life: NewLife, step: LifecycleStep, term: Term, answer: Answer, now: Date): NewLife => {
  const { lifecycle, expiresAt } = life;
  if (step === 'announceRise') return { ...life, lifecycle: { ...lifecycle, pricedFor: expiresAt } };
  if (step === 'remind') return { ...life, lifecycle: { ...lifecycle, remindedOf: expiresAt } };
  if (step === 'renew') return tried(life, term, answer, now);
  return changed(life, STATUS_AFTER[step] ?? life.status, now);
};

/** Lives a life to its end, or until a day, by nothing but what is said to be due, and when. */
const walk = (life: NewLife, world: World): { life: NewLife; steps: Walked[] } => {
  const [answers, delays, toggles] = [
    [...world.answers],
    [...(world.delays ?? [])],
    [...(world.toggles ?? [])],
  ];
  const steps: Walked[] = [];
  let clock = life.startedAt.getTime();
  for (let due = nextDueAt(life); due !== null && due <= (world.until ?? due); due = nextDueAt(life)) {
    expect(steps.length).toBeLessThan(1000);
    expect(stepDue(life, new Date(due.getTime() - 1))).toBeNull();
    clock = Math.max(clock, due.getTime()) + (delays.shift() ?? 0);
    const now = new Date(clock);
    const step = stepDue(life, now);
    if (step === null) throw new Error(`nothing to do at ${now.toISOString()}`);
    const answer = step === 'renew' ? (answers.shift() ?? 'hard') : undefined;
    const { status, expiresAt } = life;
    life = after(life, step, world.term, answer ?? 'hard', now);
    const paid = answer === 'paid' && { paid: { start: life.termStartedAt, end: life.expiresAt } };
    steps.push({ step, at: now, status, expiresAt, ...(answer && { answer }), ...paid });
    if (toggles.shift()) life = { ...life, autoRenew: !life.autoRenew };
  }
  return { life, steps };
};

const bought = (start: Date, term: Term, autoRenew = true): NewLife =>
  newLife({ isTrial: false, autoRenew, expiresAt: addTerm(start, term) }, start);
const listed = (steps: Walked[]): string[] => steps.map(({ step, at: day }) => `${dayOf(day)} ${step}`);
const paidTerms = (steps: Walked[]): Period[] => steps.flatMap(({ paid }) => (paid ? [paid] : []));

describe('a life, step by step', () => {
  const jan1 = at('2026-01-01T00:00:00Z');
  const soft = Array<Answer>(20).fill('soft');
  const month = (answers: Answer[]) => listed(walk(bought(jan1, 'P1M'), { term: 'P1M', answers }).steps);
  const before = ['2026-01-01 announceRise', '2026-01-25 remind', '2026-02-01 renew'];

  it('BUY-9 14 months from 31 January: told, reminded and renewed once a month, on its last days', () => {
    const answers = Array<Answer>(14).fill('paid');
    const until = at('2027-03-31T12:00:00Z');
    const { steps } = walk(bought(at('2026-01-31T12:00:00Z'), 'P1M'), { term: 'P1M', answers, until });
    expect(paidTerms(steps).map(({ start }) => dayOf(start))).toEqual([
      ...['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30', '2026-07-31', '2026-08-31'],
      ...['2026-09-30', '2026-10-31', '2026-11-30', '2026-12-31', '2027-01-31', '2027-02-28', '2027-03-31'],
    ]);
    const order = ['announceRise', 'remind', 'renew'] as const;
    expect(steps.map(({ step }) => step)).toEqual([...answers.flatMap(() => order), order[0]]);
    // The 31 days begin before a February's term does.
    expect(listed(steps).slice(0, 4)).toEqual([
      ...['2026-01-31 announceRise', '2026-02-21 remind', '2026-02-28 renew', '2026-02-28 announceRise'],
    ]);
  });

  it('BUY-9 a year from 29 February comes back to it', () => {
    const answers = Array<Answer>(4).fill('paid');
    const { steps } = walk(bought(at('2024-02-29T00:00:00Z'), 'P1Y'), { term: 'P1Y', answers });
    expect(paidTerms(steps).map(({ end }) => dayOf(end))).toEqual([
      ...['2026-02-28', '2027-02-28', '2028-02-29', '2029-02-28'],
    ]);
  });

  it('BUY-9 SUB-3 declined softly: 8 tries over 14 days, 30 days of grace, 90 locked, deleted', () => {
    expect(month(soft)).toEqual([
      ...before,
      ...['03', '05', '07', '09', '11', '13', '15'].map((day) => `2026-02-${day} renew`),
      ...['2026-02-15 expire', '2026-03-17 disable', '2026-06-15 delete'],
    ]);
  });

  const end = ['2026-02-01 expire', '2026-03-03 disable', '2026-06-01 delete'];
  it('BUY-9 SUB-3 declined for good: one try', () => expect(month(['hard'])).toEqual([...before, ...end]));

  it('BUY-9 paid at the third try: the term follows the old one all the same', () => {
    const { steps } = walk(bought(jan1, 'P1M'), { term: 'P1M', answers: ['soft', 'soft', 'paid'] });
    expect(listed(steps).slice(2, 6)).toEqual([
      ...['2026-02-01 renew', '2026-02-03 renew', '2026-02-05 renew', '2026-02-05 announceRise'],
    ]);
    expect(paidTerms(steps)).toEqual([
      { start: at('2026-02-01T00:00:00Z'), end: at('2026-03-01T00:00:00Z') },
    ]);
  });

  it('OWN-5 SUB-3 renewal turned off: nobody is told, and it ends', () => {
    expect(listed(walk(bought(jan1, 'P1M', false), { term: 'P1M', answers: [] }).steps)).toEqual(end);
  });

  it('BUY-8 SUB-3 a trial of 30 days: its end is told, and nothing renews', () => {
    const trial = newLife({ isTrial: true, autoRenew: false, expiresAt: addDays(jan1, 30) }, jan1);
    expect(listed(walk(trial, { term: 'P1M', answers: [] }).steps)).toEqual([
      ...['2026-01-24 remind', '2026-01-31 expire', '2026-03-02 disable', '2026-05-31 delete'],
    ]);
  });
});

describe('any life', () => {
  const starts = fc.date({ min: at('2020-01-01'), max: at('2040-01-01'), noInvalidDate: true });
  const terms = fc.constantFrom(...TERMS);
  const answer = fc.constantFrom<Answer[]>('paid', 'soft', 'soft', 'hard');
  const delays = fc.array(fc.oneof(fc.nat(60_000), fc.nat(400 * DAY)), { maxLength: 80 });
  const lives = fc.record({
    start: starts,
    term: terms,
    answers: fc.array(answer, { maxLength: 25 }),
    delays,
    toggles: fc.array(fc.nat(3).map((dice) => dice === 0)),
  });
  const live = ({ start, ...world }: Omit<World, 'until'> & { start: Date }) =>
    walk(bought(start, world.term), world);

  it('SUB-1 SUB-3 takes legal paths alone, and ends deleted, with 30 and 90 days before that', () => {
    fc.assert(
      fc.property(lives, (given) => {
        const { history } = live(given).life;
        expect(history.at(-1)?.status).toBe('deleted');
        history.slice(1).forEach(({ status, at: now }, i) => {
          const from = history[i]!;
          expect(SUBSCRIPTION_PATHS[from.status]).toContain(status);
          const days = status === 'disabled' ? 30 : status === 'deleted' ? 90 : 0;
          expect(now.getTime() - from.at.getTime()).toBeGreaterThanOrEqual(days * DAY);
        });
      }),
    );
  });

  it('BUY-9 SUB-3 pays each term once, with no gap but where users were locked out', () => {
    fc.assert(
      fc.property(lives, (given) => {
        const { steps } = live(given);
        let until = addTerm(given.start, given.term);
        for (const { paid, status, at: now } of steps) {
          if (!paid) continue;
          expect(paid.start).toEqual(status === 'disabled' ? now : until);
          expect(paid.start <= now).toBe(true);
          until = paid.end;
        }
      }),
    );
  });

  it('BUY-9 tries a term 8 times at most, over 14 days at least if 8, and never again after a hard decline', () => {
    fc.assert(
      fc.property(lives, (given) => {
        const tries = live(given).steps.filter(({ step }) => step === 'renew');
        const runs: Walked[][] = [[]];
        for (const one of tries) {
          runs.at(-1)!.push(one);
          if (one.answer === 'paid') runs.push([]);
        }
        for (const run of runs) {
          expect(run.length).toBeLessThanOrEqual(DUNNING.tries);
          expect(run.slice(0, -1).every(({ answer: said }) => said === 'soft')).toBe(true);
          const [first, last] = [run[0], run[DUNNING.tries - 1]];
          const since = first && last ? last.at.getTime() - first.at.getTime() : Infinity;
          expect(since).toBeGreaterThanOrEqual(DUNNING.days * DAY);
        }
      }),
    );
  });

  it('BUY-9 MSG-1 tells of a term’s end and its price once at most, and while it runs', () => {
    fc.assert(
      fc.property(lives, (given) => {
        const notices = live(given).steps.filter(({ step }) => step === 'remind' || step === 'announceRise');
        expect(notices.every(({ at: now, expiresAt }) => now < expiresAt)).toBe(true);
        const named = notices.map(({ step, expiresAt }) => `${step} ${expiresAt.toISOString()}`);
        expect(new Set(named).size).toBe(named.length);
      }),
    );
  });

  it('BUY-9 a scheduler however late yields each term exactly once, counted from the first day', () => {
    const count = fc.integer({ min: 1, max: 15 });
    fc.assert(
      fc.property(starts, terms, count, delays, (start, term, paid, late) => {
        const answers = Array<Answer>(paid).fill('paid');
        const { steps } = walk(bought(start, term), { term, answers, delays: late });
        const ends = [...answers.keys()].map((i) => addTerms(start, term, i + 2));
        expect(paidTerms(steps).map(({ end }) => end)).toEqual(ends);
      }),
    );
  });
});
