import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpError } from '../http/json-server.js';
import type { Charge, CreateChargeRequest } from './contract.js';
import { type Answered, Provider } from './provider.js';

const NONE = { orderId: null, idempotencyKey: null, after: null };

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (error) {
    if (error instanceof HttpError) return `${error.status} ${error.code}`;
    throw error;
  }
};

describe('payment provider', () => {
  let folder: string;
  let provider: Provider;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'provider-'));
    provider = new Provider(path.join(folder, 'journal'));
  });
  afterEach(async () => {
    await provider.close();
    rmSync(folder, { recursive: true });
  });

  const order = async (
    token = 'tok_visa',
    orderId = 'ord_1',
    amountMinor = 999,
  ): Promise<CreateChargeRequest> => ({
    paymentMethodId: (await provider.addPaymentMethod(token)).id,
    orderId,
    amountMinor,
    currency: 'USD',
  });
  const answered = (outcome: Answered<Charge>): Charge => {
    if (typeof outcome === 'string') throw new Error(`no answer: ${outcome}`);
    return outcome.answer;
  };
  const charges = async (): Promise<readonly Charge[]> => (await provider.charges(NONE, 1000)).items;

  it('BUY-6 answers the same key with the same charge, however often and however many at once', async () => {
    const request = await order();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => provider.charge('key', request)));
    expect(new Set(outcomes.map((outcome) => answered(outcome).id)).size).toBe(1);
    expect(await charges()).toHaveLength(1);
  });

  it('BUY-6 takes the same fields in another order for the same body, and refuses another body', async () => {
    const request = await order();
    const first = answered(await provider.charge('key', request));
    const shuffled = Object.fromEntries(Object.entries(request).reverse()) as CreateChargeRequest;
    expect(answered(await provider.charge('key', shuffled)).id).toBe(first.id);
    expect(await codeOf(provider.charge('key', { ...request, amountMinor: 1 }))).toBe(
      '422 idempotency_key_reused',
    );
    expect(await charges()).toHaveLength(1);
  });

  it.each([
    ['tok_chargeDeclined', 'hard', 'card_declined'],
    ['tok_insufficientFunds', 'soft', 'insufficient_funds'],
    ['tok_sca', 'soft', 'authentication_required'],
  ])('BUY-6 %s declines %s for %s, and says so again to the same key', async (token, code, reason) => {
    const request = await order(token);
    const first = answered(await provider.charge('key', request));
    expect(first).toMatchObject({ status: 'declined', declineCode: code, declineReason: reason });
    expect(answered(await provider.charge('key', request))).toEqual(first);
  });

  it('refuses tok_expired when it is added, and what is no token', async () => {
    expect(await codeOf(provider.addPaymentMethod('tok_expired'))).toBe('402 card_expired');
    expect(await codeOf(provider.addPaymentMethod('tok_nothing'))).toBe('400 token_unknown');
  });

  it('BUY-6 tok_timeoutThenOk charges once, loses the answer, and gives it to the same key', async () => {
    const request = await order('tok_timeoutThenOk');
    expect(await provider.charge('key', request)).toBe('hang');
    const [made] = await charges();
    expect(made).toMatchObject({ status: 'succeeded', amountMinor: 999 });
    expect(answered(await provider.charge('key', request)).id).toBe(made?.id);
    expect(answered(await provider.charge('next', { ...request, orderId: 'ord_2' })).status).toBe(
      'succeeded',
    );
    expect(await charges()).toHaveLength(2);
  });

  it('BUY-6 tok_unavailableThenOk is refused twice without a charge, then charged', async () => {
    const request = await order('tok_unavailableThenOk');
    expect(await codeOf(provider.charge('key', request))).toBe('503 unavailable');
    expect(await codeOf(provider.charge('key', request))).toBe('503 unavailable');
    expect(await charges()).toHaveLength(0);
    expect(answered(await provider.charge('key', request)).status).toBe('succeeded');
  });

  it('BUY-6 tok_unavailableThenOk is refused twice, also by a provider that starts anew between', async () => {
    const request = await order('tok_unavailableThenOk');
    expect(await codeOf(provider.charge('key', request))).toBe('503 unavailable');
    await provider.close();
    provider = new Provider(path.join(folder, 'journal'));
    expect(await codeOf(provider.charge('key', request))).toBe('503 unavailable');
    expect(answered(await provider.charge('key', request)).status).toBe('succeeded');
  });

  it.each([
    ['timeoutBefore', 'hang', 0],
    ['timeoutAfter', 'hang', 1],
    ['dropResponse', 'cut', 1],
  ] as const)('fault %s: %s, %i charged; the next one is served', async (mode, outcome, charged) => {
    const request = await order();
    provider.faults.set({ mode, count: 1 });
    expect(await provider.charge('key', request)).toBe(outcome);
    expect(await charges()).toHaveLength(charged);
    expect(answered(await provider.charge('key', request)).status).toBe('succeeded');
    expect(await charges()).toHaveLength(1);
  });

  it('fault http500 charges nothing; a fault spares a key that is known', async () => {
    const request = await order();
    await provider.charge('known', request);
    provider.faults.set({ mode: 'http500' });
    expect(await codeOf(provider.charge('new', { ...request, orderId: 'ord_2' }))).toBe('500 internal');
    expect(answered(await provider.charge('known', request)).status).toBe('succeeded');
    expect(await charges()).toHaveLength(1);
    expect(provider.faults.current()).toMatchObject({ mode: 'http500', met: { http500: 1 } });
  });

  it('fault late charges after its delay; the same key joins it meanwhile', async () => {
    const request = await order();
    provider.faults.set({ mode: 'late', count: 1, delayMs: 50 });
    const first = provider.charge('key', request);
    const joined = provider.charge('key', request);
    expect(await codeOf(provider.charge('key', { ...request, amountMinor: 1 }))).toBe(
      '422 idempotency_key_reused',
    );
    expect(await charges()).toHaveLength(0);
    expect(answered(await first).id).toBe(answered(await joined).id);
    expect(await charges()).toHaveLength(1);
  });

  it('OWN-5 refunds up to the charge and no further, once per key', async () => {
    const charge = answered(await provider.charge('key', await order()));
    const refund = await provider.refund('r1', { chargeId: charge.id, amountMinor: 600 });
    expect(await provider.refund('r1', { chargeId: charge.id, amountMinor: 600 })).toEqual(refund);
    expect(await codeOf(provider.refund('r2', { chargeId: charge.id, amountMinor: 400 }))).toBe(
      '409 refund_exceeds_charge',
    );
    await provider.refund('r3', { chargeId: charge.id, amountMinor: 399 });
    const [after] = await charges();
    expect(after?.refundedMinor).toBe(999);
    expect(await provider.refunds(charge.id, null)).toHaveLength(2);
  });

  it('two refunds at once cannot give back more than was paid', async () => {
    const charge = answered(await provider.charge('key', await order()));
    const codes = await Promise.all(
      ['a', 'b'].map((key) => codeOf(provider.refund(key, { chargeId: charge.id, amountMinor: 600 }))),
    );
    expect(codes.sort()).toEqual(['409 refund_exceeds_charge', 'no error']);
  });

  it('a declined charge cannot be refunded', async () => {
    const charge = answered(await provider.charge('key', await order('tok_chargeDeclined')));
    expect(await codeOf(provider.refund('r', { chargeId: charge.id, amountMinor: 1 }))).toBe(
      '409 refund_exceeds_charge',
    );
  });

  it('knows everything again after a start from its journal', async () => {
    const request = await order('tok_timeoutThenOk');
    await provider.charge('key', request);
    const [made] = await charges();
    await provider.refund('r', { chargeId: made?.id ?? '', amountMinor: 99 });
    await provider.close();
    provider = new Provider(path.join(folder, 'journal'));
    expect(answered(await provider.charge('key', request))).toMatchObject({
      id: made?.id,
      refundedMinor: 99,
    });
    expect(await codeOf(provider.charge('key', { ...request, amountMinor: 1 }))).toBe(
      '422 idempotency_key_reused',
    );
    expect(await charges()).toHaveLength(1);
  });

  it('lists charges by order, by key, and page by page', async () => {
    const request = await order();
    for (const n of [1, 2, 3, 4, 5]) await provider.charge(`key${n}`, { ...request, orderId: `ord_${n}` });
    const byOrder = await provider.charges({ ...NONE, orderId: 'ord_3' }, 1000);
    expect(byOrder.items.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key3']);
    const byKey = await provider.charges({ ...NONE, idempotencyKey: 'key4' }, 1000);
    expect(byKey.items.map(({ orderId }) => orderId)).toEqual(['ord_4']);
    const first = await provider.charges(NONE, 2);
    const second = await provider.charges({ ...NONE, after: first.nextCursor }, 4);
    expect([...first.items, ...second.items].map(({ orderId }) => orderId)).toEqual([
      'ord_1',
      'ord_2',
      'ord_3',
      'ord_4',
      'ord_5',
    ]);
    expect(second.nextCursor).toBeNull();
  });
});
