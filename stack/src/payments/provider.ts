/** The provider's rules: what a request does and what it is answered. HTTP is in `server.ts`, the contract in `contract.ts`. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpError } from '../http/json-server.js';
import { Books, type JournalRecord, type Kept } from './books.js';
import { cardOf } from './cards.js';
import type { Charge, CreateChargeRequest, CreateRefundRequest, PaymentMethod, Refund } from './contract.js';
import { FaultSwitch } from './faults.js';
import { Journal } from './journal.js';
import { providerError } from './provider-error.js';

/** An answer, or none: the connection is held, or cut. */
export type Answered<T> = { answer: T } | 'hang' | 'cut';

const CARD_YEARS = 4;

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;
const keyReused = (): HttpError =>
  providerError(422, 'idempotency_key_reused', 'this key was used with another body');

/** The end of the month `years` from now, in UTC. */
const expiry = (now: Date, years: number): string =>
  new Date(Date.UTC(now.getUTCFullYear() + years, now.getUTCMonth() + 1, 1) - 1000).toISOString();

/** The same for equal requests whatever the order of their fields: the validated fields, sorted. */
const fingerprintOf = (request: CreateChargeRequest | CreateRefundRequest): string =>
  JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)));

export class Provider {
  readonly faults = new FaultSwitch();
  private readonly books = new Books();
  private readonly journal: Journal;
  private readonly underWay = new Map<string, Kept<Promise<Answered<Charge>>>>();

  constructor(journalPath: string) {
    this.journal = Journal.open(journalPath, (record) => this.books.apply(record as JournalRecord));
  }

  /** Throws 400 `token_unknown`, 402 `card_expired`. */
  async addPaymentMethod(token: string): Promise<PaymentMethod> {
    const card = cardOf(token);
    if (!card) throw providerError(400, 'token_unknown', 'no such card token');
    if (card.expired) throw providerError(402, 'card_expired', 'the card has expired');
    const method = {
      id: newId('pm'),
      brand: card.brand,
      last4: card.last4,
      expiresAt: expiry(new Date(), CARD_YEARS),
    };
    return this.record({ type: 'method', method, token }, method);
  }

  async paymentMethod(id: string): Promise<PaymentMethod> {
    await this.journal.flushed();
    return this.storedMethod(id).method;
  }

  /** Makes the charge, or answers what was answered before under this key. Amounts in minor units. */
  async charge(key: string, request: CreateChargeRequest): Promise<Answered<Charge>> {
    const fingerprint = fingerprintOf(request);
    const known = this.books.chargeByKey.get(key);
    const joined = this.underWay.get(key);
    if ((known ?? joined) && (known ?? joined)?.fingerprint !== fingerprint) throw keyReused();
    if (known) {
      await this.journal.flushed();
      return { answer: known.value };
    }
    if (joined) return joined.value;
    return this.newCharge(key, request, fingerprint);
  }

  /** Gives back part or all of a charge, in minor units of its currency. */
  async refund(key: string, request: CreateRefundRequest): Promise<Refund> {
    const fingerprint = fingerprintOf(request);
    const known = this.books.refundByKey.get(key);
    if (known) {
      if (known.fingerprint !== fingerprint) throw keyReused();
      await this.journal.flushed();
      return known.value;
    }
    const charge = this.books.charge(request.chargeId);
    if (!charge) throw providerError(404, 'charge_unknown', 'no such charge');
    const refundable = charge.status === 'succeeded' ? charge.amountMinor - charge.refundedMinor : 0;
    if (request.amountMinor > refundable) {
      throw providerError(409, 'refund_exceeds_charge', `at most ${refundable} can be refunded`);
    }
    const refund: Refund = {
      id: newId('re'),
      idempotencyKey: key,
      chargeId: charge.id,
      orderId: charge.orderId,
      amountMinor: request.amountMinor,
      currency: charge.currency,
      createdAt: new Date().toISOString(),
    };
    return this.record({ type: 'refund', refund, fingerprint }, refund);
  }

  /** Charges oldest first; `limit` at most. Only what is on the disk is shown. */
  async charges(
    filter: ChargeFilter,
    limit: number,
  ): Promise<{ items: readonly Charge[]; nextCursor: string | null }> {
    await this.journal.flushed();
    if (filter.idempotencyKey !== null) {
      const charge = this.books.chargeByKey.get(filter.idempotencyKey)?.value;
      const matches = charge && (filter.orderId === null || charge.orderId === filter.orderId);
      return { items: matches ? [charge] : [], nextCursor: null };
    }
    if (filter.orderId !== null)
      return { items: this.books.chargesOfOrder(filter.orderId), nextCursor: null };
    const items = this.books.chargesAfter(filter.after, limit);
    return { items, nextCursor: items.length === limit ? (items.at(-1)?.id ?? null) : null };
  }

  async refunds(chargeId: string | null, idempotencyKey: string | null): Promise<readonly Refund[]> {
    await this.journal.flushed();
    if (idempotencyKey === null) return this.books.refundsOfCharge(chargeId ?? '');
    const refund = this.books.refundByKey.get(idempotencyKey)?.value;
    return refund && (chargeId === null || refund.chargeId === chargeId) ? [refund] : [];
  }

  close(): Promise<void> {
    return this.journal.close();
  }

  private async newCharge(
    key: string,
    request: CreateChargeRequest,
    fingerprint: string,
  ): Promise<Answered<Charge>> {
    const { token } = this.storedMethod(request.paymentMethodId);
    this.refuseIfUnavailable(request.paymentMethodId, token);
    const fault = this.faults.take();
    switch (fault.mode) {
      case 'timeoutBefore':
        return 'hang';
      case 'http500':
        throw providerError(500, 'internal', 'a fault was asked for');
      case 'late':
        return this.chargeLate(key, request, fingerprint, fault.delayMs);
      case 'timeoutAfter':
      case 'dropResponse':
        await this.makeCharge(key, request, fingerprint);
        return fault.mode === 'dropResponse' ? 'cut' : 'hang';
      case 'none':
        return this.makeCharge(key, request, fingerprint);
    }
  }

  private chargeLate(
    key: string,
    request: CreateChargeRequest,
    fingerprint: string,
    delayMs: number,
  ): Promise<Answered<Charge>> {
    const value = delay(delayMs)
      .then(() => this.makeCharge(key, request, fingerprint))
      .finally(() => this.underWay.delete(key));
    this.underWay.set(key, { value, fingerprint });
    return value;
  }

  private async makeCharge(
    key: string,
    request: CreateChargeRequest,
    fingerprint: string,
  ): Promise<Answered<Charge>> {
    const card = cardOf(this.storedMethod(request.paymentMethodId).token);
    const answerLost = card?.firstAnswerLost === true && !this.books.hasBeenCharged(request.paymentMethodId);
    const charge: Charge = {
      id: newId('ch'),
      idempotencyKey: key,
      paymentMethodId: request.paymentMethodId,
      orderId: request.orderId,
      amountMinor: request.amountMinor,
      currency: request.currency,
      status: card?.decline ? 'declined' : 'succeeded',
      declineCode: card?.decline?.code ?? null,
      declineReason: card?.decline?.reason ?? null,
      refundedMinor: 0,
      createdAt: new Date().toISOString(),
    };
    await this.record({ type: 'charge', charge, fingerprint }, charge);
    return answerLost ? 'hang' : { answer: charge };
  }

  /** Counted for good, for a provider that starts anew does not refuse anew. */
  private refuseIfUnavailable(paymentMethodId: string, token: string): void {
    if (this.books.refusalsOf(paymentMethodId) >= (cardOf(token)?.unavailableTimes ?? 0)) return;
    void this.record({ type: 'refusal', paymentMethodId }, null);
    throw providerError(503, 'unavailable', 'the card network is not available');
  }

  private storedMethod(id: string): { method: PaymentMethod; token: string } {
    const stored = this.books.methods.get(id);
    if (!stored) throw providerError(404, 'payment_method_unknown', 'no such payment method');
    return stored;
  }

  /** Known at once, so that no second request can slip between; answered only when durable. */
  private async record<T>(record: JournalRecord, answer: T): Promise<T> {
    this.books.apply(record);
    this.journal.append(record);
    await this.journal.flushed();
    return answer;
  }
}

export interface ChargeFilter {
  orderId: string | null;
  idempotencyKey: string | null;
  after: string | null;
}
