import { addDays, floorShare, money, REFUND_DAYS, secondsBetween, type Money } from '@commissary/domain';

/** Within 7 days (of 24 hours, the last moment included) of a start or renewal. [OWN-5, CAN-2] */
export const withinRefundWindow = (periodStart: Date, now: Date): boolean =>
  now <= addDays(periodStart, REFUND_DAYS);

/** One charge and the term it paid for. */
export interface PaidPeriod {
  paid: Money;
  periodStart: Date;
  periodEnd: Date;
}

/**
 * What one charge gives back: floor(paid x seconds left / seconds of the term) within 7 days of the term's start, zero
 * after. Minor units, from zero to what was paid; a clock that reads before the start gives all of it. [OWN-5, CAN-2]
 */
export const refundDue = ({ paid, periodStart, periodEnd }: PaidPeriod, now: Date): Money => {
  const whole = secondsBetween(periodStart, periodEnd);
  if (whole === 0 || !withinRefundWindow(periodStart, now)) return money(0, paid.currency);
  return floorShare(paid, Math.min(whole, secondsBetween(now, periodEnd)), whole);
};
