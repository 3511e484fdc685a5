import { describe, expect, it } from '@jest/globals';
import { SeatBudget } from './seat-budget.js';

describe('the seats that the two halves of a move share [MOV-2]', () => {
  it('what one half takes the other has not', () => {
    const budget = new SeatBudget(10);
    const [head, tail] = [budget.share(), budget.share()];
    head.take(7);
    expect(tail.available()).toBe(3);
    expect(() => tail.take(4)).toThrow(RangeError);
    tail.take(3);
    expect(budget.share().available()).toBe(0);
  });

  it('an attempt that is made again does not take twice, and one that failed takes nothing', () => {
    const budget = new SeatBudget(10);
    const share = budget.share();
    share.take(7);
    expect(share.available()).toBe(10);
    share.take(6);
    expect(budget.share().available()).toBe(4);
    share.giveBack();
    expect(budget.share().available()).toBe(10);
  });
});
