import { describe, expect, it } from '@jest/globals';
import { Model } from '../chaos/lib/model.js';
import { afterChange } from '../chaos/lib/subscriptions-verdict.js';

type Change = Parameters<typeof afterChange>[1];

const EIGHT = { least: 8, most: 8, atRenewal: null };
const ORDERS = [
  { _id: 'ord_8', quantity: 8 },
  { _id: 'ord_6', quantity: 6 },
  { _id: 'ord_4', quantity: 4 },
];

const seatChange = (seatsBefore: number, seats: number, effective: 'now' | 'renewal' = 'now'): Change =>
  ({ _id: 'op_s', type: 'seatChange', request: { seats, seatsBefore, effective } }) as unknown as Change;
const renewal = (orderId: string): Change =>
  ({ _id: 'op_r', type: 'renewal', request: { orderId } }) as unknown as Change;

describe('what a chaos run expects of the seats that were bought', () => {
  it('[OWN-2] a change now gives the total that was asked for', () => {
    expect(afterChange(EIGHT, seatChange(8, 11), ORDERS)).toEqual({ least: 11, most: 11, atRenewal: null });
    expect(afterChange(EIGHT, seatChange(9, 11), ORDERS)).toBe('op_s found 9 seats, not 8');
  });

  it('[OWN-2] fewer seats at renewal are there after it, unless they were taken meanwhile', () => {
    const planned = afterChange(EIGHT, seatChange(8, 6, 'renewal'), ORDERS);
    expect(planned).toEqual({ least: 8, most: 8, atRenewal: 6 });
    if (typeof planned === 'string') return;
    expect(afterChange(planned, renewal('ord_6'), ORDERS)).toEqual({ least: 6, most: 8, atRenewal: null });
    expect(afterChange(planned, renewal('ord_8'), ORDERS)).toEqual({ least: 8, most: 8, atRenewal: null });
    expect(afterChange(planned, renewal('ord_4'), ORDERS)).toBe('op_r renewed 4 seats, not 6 to 8');
  });

  it('[OWN-2] more seats now end a plan for fewer, and fewer seats now do not', () => {
    const planned = { ...EIGHT, atRenewal: 6 };
    expect(afterChange(planned, seatChange(8, 9), ORDERS)).toEqual({ least: 9, most: 9, atRenewal: null });
    expect(afterChange(planned, seatChange(8, 7), ORDERS)).toEqual({ least: 7, most: 7, atRenewal: 6 });
    expect(afterChange(planned, seatChange(8, 8, 'renewal'), ORDERS)).toEqual(EIGHT);
  });

  it('[BUY-9] a renewal without a plan is for the seats that are there', () => {
    expect(afterChange(EIGHT, renewal('ord_8'), ORDERS)).toEqual(EIGHT);
    expect(afterChange(EIGHT, renewal('ord_6'), ORDERS)).toBe('op_r renewed 6 seats, not 8');
  });
});

describe('what a chaos run remembers of its answers', () => {
  it('the first request about something in doubt says from when on it may have been done', () => {
    const model = new Model();
    model.inDoubt('sub_1', 20);
    model.inDoubt('sub_1', 10);
    model.inDoubt('sub_1', 30);
    expect(model.doubtful).toEqual(new Map([['sub_1', 10]]));
  });
});
