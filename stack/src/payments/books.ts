/** What the provider knows: payment methods, charges and refunds, in memory, rebuilt from the journal's records. */
import type { Charge, PaymentMethod, Refund } from './contract.js';

export interface StoredMethod {
  method: PaymentMethod;
  token: string;
}

/** A line of the journal. `fingerprint` is the request's body, to tell a repeated key from a reused one. */
export type JournalRecord =
  | ({ type: 'method' } & StoredMethod)
  /** A request to charge the method that was answered 503. */
  | { type: 'refusal'; paymentMethodId: string }
  | { type: 'charge'; charge: Charge; fingerprint: string }
  | { type: 'refund'; refund: Refund; fingerprint: string };

export interface Kept<T> {
  value: T;
  fingerprint: string;
}

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};

export class Books {
  readonly methods = new Map<string, StoredMethod>();
  /** In the order they were made. */
  readonly charges: Charge[] = [];
  readonly chargeByKey = new Map<string, Kept<Charge>>();
  readonly refundByKey = new Map<string, Kept<Refund>>();
  private readonly positions = new Map<string, number>();
  private readonly chargesByOrder = new Map<string, Charge[]>();
  private readonly refundsByCharge = new Map<string, Refund[]>();
  private readonly chargedMethods = new Set<string>();
  private readonly refusals = new Map<string, number>();

  apply(record: JournalRecord): void {
    switch (record.type) {
      case 'method':
        this.methods.set(record.method.id, { method: record.method, token: record.token });
        break;
      case 'refusal':
        this.refusals.set(record.paymentMethodId, this.refusalsOf(record.paymentMethodId) + 1);
        break;
      case 'charge':
        this.addCharge(record.charge, record.fingerprint);
        break;
      case 'refund':
        this.addRefund(record.refund, record.fingerprint);
        break;
    }
  }

  charge(id: string): Charge | undefined {
    const position = this.positions.get(id);
    return position === undefined ? undefined : this.charges[position];
  }

  chargesOfOrder(orderId: string): readonly Charge[] {
    return this.chargesByOrder.get(orderId) ?? [];
  }

  refundsOfCharge(chargeId: string): readonly Refund[] {
    return this.refundsByCharge.get(chargeId) ?? [];
  }

  hasBeenCharged(paymentMethodId: string): boolean {
    return this.chargedMethods.has(paymentMethodId);
  }

  refusalsOf(paymentMethodId: string): number {
    return this.refusals.get(paymentMethodId) ?? 0;
  }

  /** The charges after the one with this id, oldest first; all from the first without an id, none after an unknown one. */
  chargesAfter(id: string | null, limit: number): readonly Charge[] {
    const start = id === null ? 0 : (this.positions.get(id) ?? this.charges.length) + 1;
    return this.charges.slice(start, start + limit);
  }

  private addCharge(charge: Charge, fingerprint: string): void {
    this.positions.set(charge.id, this.charges.length);
    this.charges.push(charge);
    this.chargeByKey.set(charge.idempotencyKey, { value: charge, fingerprint });
    push(this.chargesByOrder, charge.orderId, charge);
    this.chargedMethods.add(charge.paymentMethodId);
  }

  private addRefund(refund: Refund, fingerprint: string): void {
    const charge = this.charge(refund.chargeId);
    if (!charge) throw new Error(`refund ${refund.id} names an unknown charge`);
    charge.refundedMinor += refund.amountMinor;
    this.refundByKey.set(refund.idempotencyKey, { value: refund, fingerprint });
    push(this.refundsByCharge, refund.chargeId, refund);
  }
}
