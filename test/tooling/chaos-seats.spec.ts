import { beforeEach, describe, expect, it } from '@jest/globals';
import { historyOf } from '../chaos/lib/seat-evidence.js';
import type { SeatEntry, SeatWork } from '../chaos/lib/seat-history.js';
import type { SubscriptionFacts } from '../chaos/lib/seat-rules.js';
import { type Explanation, explainSeats } from '../chaos/lib/seat-search.js';

const own = (productId: string): SubscriptionFacts => ({ productId, origin: 'selfService', isTrial: false });
const central = (productId: string): SubscriptionFacts => ({ productId, origin: 'central', isTrial: false });

/** Subscriptions by id: the first letter of an id is its product. */
const FACTS = new Map<string, SubscriptionFacts>([
  ['a1', own('a')],
  ['a2', own('a')],
  ['aTrial', { ...own('a'), isTrial: true }],
  ['aCentral', central('a')],
  ['b1', own('b')],
  ['bCentral', central('b')],
]);

describe('what a chaos run concludes about the seats of one person', () => {
  let entries: SeatEntry[];
  let clock: number;

  beforeEach(() => {
    entries = [];
    clock = 0;
  });

  /** Something that was asked and answered before the next thing was asked, unless other times are given. */
  const happened = (work: SeatWork, answer: string | null, times: Partial<SeatEntry> = {}): void => {
    clock += 10;
    const answeredAt = answer === null ? Infinity : clock + 5;
    entries.push({ userId: 'u', work, answer, operationId: null, askedAt: clock, answeredAt, ...times });
  };
  const assign = (subscriptionId: string, answer: string | null, times?: Partial<SeatEntry>) =>
    happened({ kind: 'assign', subscriptionId }, answer, times);
  const remove = (subscriptionId: string, answer: string | null, times?: Partial<SeatEntry>) =>
    happened({ kind: 'remove', subscriptionId }, answer, times);
  const purchase = (subscriptionId: string, answer: string) =>
    happened({ kind: 'purchase', subscriptionId }, answer);
  const move = (subscriptionId: string, targetId: string, answer: string, times?: Partial<SeatEntry>) =>
    happened({ kind: 'move', subscriptionId, targetId }, answer, times);
  const cancel = (subscriptionId: string) =>
    happened({ kind: 'cancellation', subscriptionId }, 'accessRemoved');

  const explain = (...held: string[]): Explanation =>
    explainSeats(
      entries,
      held
        .map((id) => `${id.charAt(0)}=${id}`)
        .sort()
        .join(' ') || 'no seat',
      (id) => FACTS.get(id),
    );

  it('[OWN-3] a seat is held until it is taken back', () => {
    assign('a1', 'assigned');
    expect(explain('a1').verdict).toBe('explained');
    expect(explain().verdict).toBe('otherSeats');
    remove('a1', 'removed');
    expect(explain().verdict).toBe('explained');
    expect(explain('a1').verdict).toBe('otherSeats');
  });

  it('[MOV-4, ADM-6] a seat that a move took to another product stays there when the person gets a central seat of the first', () => {
    assign('a1', 'assigned');
    move('a1', 'bCentral', 'moved');
    assign('a2', 'assigned');
    assign('aCentral', 'switched');
    expect(explain('aCentral', 'bCentral').verdict).toBe('explained');
    expect(explain('aCentral').ends).toEqual(['a=aCentral b=bCentral']);
  });

  it('[MOV-4] a move that was answered only after a later assignment may have been done before it', () => {
    assign('a1', 'assigned');
    move('a1', 'b1', 'moved', { answeredAt: 1_000 });
    assign('a2', 'assigned');
    expect(explain('a2', 'b1').verdict).toBe('explained');
  });

  it('[MOV-4] a move that was asked for after an assignment was answered was not done before it', () => {
    assign('a1', 'assigned');
    assign('a2', 'assigned');
    move('a1', 'b1', 'moved');
    expect(explain('a2', 'b1').verdict).toBe('contradiction');
  });

  it('[MOV-4] who holds the product of the target loses the old seat and keeps the other', () => {
    assign('a1', 'assigned');
    assign('b1', 'assigned');
    move('a1', 'bCentral', 'alreadyLicensed');
    expect(explain('b1').verdict).toBe('explained');
    assign('a1', 'assigned');
    expect(explain('a1', 'b1').verdict).toBe('explained');
  });

  it('[MOV-4] a move that was stopped leaves some where they were, and they can be moved again', () => {
    assign('a1', 'assigned');
    move('a1', 'bCentral', 'failed');
    expect(explain('a1').verdict).toBe('explained');
    move('a1', 'aCentral', 'moved');
    move('aCentral', 'a2', 'moved');
    expect(explain('a2').verdict).toBe('explained');
    expect(explain('a1').verdict).toBe('otherSeats');
  });

  it('[MOV-6] nobody can be given a second seat of a product by a move', () => {
    assign('a1', 'assigned');
    assign('b1', 'assigned');
    move('a1', 'bCentral', 'moved');
    expect(explain('bCentral').verdict).toBe('contradiction');
  });

  it('[CAN-2] a cancellation takes the seats that its subscription has by then', () => {
    assign('a1', 'assigned');
    move('a1', 'b1', 'moved');
    cancel('b1');
    expect(explain().verdict).toBe('explained');
    cancel('a1');
    expect(explain().verdict).toBe('contradiction');
  });

  it('[BUY-4, BUY-10] a buyer gets a seat unless they hold one that is not of a trial', () => {
    purchase('a1', 'withSeat');
    purchase('a2', 'withoutSeat');
    expect(explain('a1').verdict).toBe('explained');
    purchase('a2', 'withSeat');
    expect(explain('a2').verdict).toBe('contradiction');
    entries = [];
    purchase('aTrial', 'withSeat');
    purchase('a1', 'withSeat');
    expect(explain('a1').verdict).toBe('explained');
  });

  it('[SUB-2] a deleted person holds nothing, and gets nothing any more', () => {
    assign('a1', 'assigned');
    happened({ kind: 'deletion' }, 'done');
    expect(explain().verdict).toBe('explained');
    expect(explain('a1').verdict).toBe('otherSeats');
    assign('a2', 'assigned');
    expect(explain('a2').verdict).toBe('contradiction');
  });

  it('[ADM-6] a switch needs a self-service seat of the product, and a second seat of a product is never given', () => {
    assign('aCentral', 'switched');
    expect(explain('aCentral').verdict).toBe('contradiction');
    entries = [];
    assign('a1', 'assigned');
    assign('a2', 'alreadyLicensed');
    assign('b1', 'noFreeSeat');
    expect(explain('a1').verdict).toBe('explained');
    remove('a1', 'notLicensed');
    expect(explain('a1').verdict).toBe('contradiction');
  });

  it('[EXT-1] what nobody was told of may be done at any later time, or never', () => {
    assign('a1', null);
    expect(explain().verdict).toBe('explained');
    expect(explain('a1').verdict).toBe('explained');
    assign('aCentral', 'switched');
    expect(explain('aCentral').verdict).toBe('explained');
    remove('aCentral', null);
    assign('a2', 'assigned');
    expect(explain('a2').verdict).toBe('explained');
    expect(explain('aCentral').verdict).toBe('otherSeats');
  });

  it('[OWN-3] two requests that overlap may have been done in either order', () => {
    assign('a1', 'assigned', { askedAt: 1, answeredAt: 9 });
    remove('a1', 'removed', { askedAt: 2, answeredAt: 8 });
    assign('a2', 'alreadyLicensed', { askedAt: 3, answeredAt: 7 });
    expect(explain().verdict).toBe('explained');
    expect(explain('a1').verdict).toBe('otherSeats');
  });

  it('many answers in a row are judged without trying every order', () => {
    for (let round = 0; round < 100; round += 1) {
      assign('a1', 'assigned');
      if (round % 10 === 0) assign('b1', null);
      remove('a1', 'removed');
      if (round % 10 === 5) remove('b1', null);
    }
    expect(explain('b1').verdict).toBe('explained');
    expect(explain('a1').verdict).toBe('otherSeats');
  });

  it('the evidence lists each request in the order of time with what was concluded from it', () => {
    assign('a1', 'assigned', { operationId: 'op_1' });
    assign('bCentral', 'noFreeSeat');
    remove('b1', 'removed');
    remove('a1', null);
    expect(historyOf({ entries, explanation: explain('b1') })).toEqual([
      '00:00:00.010 to 00:00:00.015 | assign of a1: assigned (op_1) | step 1, after which the person holds a=a1',
      '00:00:00.020 to 00:00:00.025 | assign of bCentral: noFreeSeat | says nothing about seats',
      '00:00:00.030 to 00:00:00.035 | remove of b1: removed | has no place after the steps that were found',
      '00:00:00.040 to never answered | remove of a1: nobody was told | not needed: nobody was told whether it was done',
    ]);
  });
});
