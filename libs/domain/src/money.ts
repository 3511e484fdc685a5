/** Integer minor units of an ISO 4217 currency (JPY has none, so its minor unit is the yen). */
export interface Money {
  amountMinor: number;
  currency: string;
}

export const money = (amountMinor: number, currency: string): Money => {
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError(`not an integer amount: ${amountMinor}`);
  return { amountMinor, currency };
};

export const timesQuantity = (unit: Money, quantity: number): Money =>
  money(unit.amountMinor * quantity, unit.currency);

/**
 * floor(amount x part / whole) in minor units, exact for any safe integers. [OWN-5]
 * Throws RangeError for a negative amount or part (there is nothing to share) and a whole that is not positive.
 */
export const floorShare = (amount: Money, part: number, whole: number): Money => {
  if (whole <= 0) throw new RangeError('the whole must be positive');
  if (amount.amountMinor < 0 || part < 0) throw new RangeError('neither amount nor part may be negative');
  const share = (BigInt(amount.amountMinor) * BigInt(part)) / BigInt(whole);
  return money(Number(share), amount.currency);
};
