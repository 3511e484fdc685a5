import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ListView, OperationView, UserView } from '@commissary/contracts';
import { ended } from './support/operations.js';
import { chargesOf } from './support/outside.js';
import { adminOf, newcomer } from './support/people.js';
import { must, verdictOf } from './support/person.js';
import { addCard, askQuote, purchaseOutcome } from './support/shop.js';

const MANY = 100;

const newPurchase = async () => {
  const buyer = await newcomer();
  const [card, quote] = await Promise.all([addCard(buyer), must(201, askQuote(buyer))]);
  return {
    buyer,
    body: { quoteId: quote.id, paymentMethodId: card.id },
    key: { 'idempotency-key': randomUUID() },
  };
};

const newUserBody = (domain: string) => ({ email: `${randomUUID()}@${domain}`, displayName: 'Keyed' });

describe('Idempotency-Key [EXT-1]', () => {
  it('100 identical purchases at once: one operation, one charge, 100 equal answers', async () => {
    const { buyer, body, key } = await newPurchase();
    const answers = await Promise.all(
      Array.from({ length: MANY }, () => buyer.post<OperationView>('/v1/purchases', body, key)),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(1);
    const [first] = answers;
    const { orderId } = purchaseOutcome(await ended(buyer, first!.body));
    expect((await must(200, buyer.get<ListView<unknown>>('/v1/operations'))).items).toHaveLength(1);
    expect(await chargesOf(orderId)).toHaveLength(1);
  });

  it('100 identical accounts at once: one account, 100 equal answers', async () => {
    const admin = await adminOf('contoso.example');
    const [body, key] = [newUserBody('contoso.example'), { 'idempotency-key': randomUUID() }];
    const answers = await Promise.all(Array.from({ length: MANY }, () => admin.post('/v1/users', body, key)));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    const found = await must(200, admin.get<ListView<UserView>>(`/v1/users?q=${body.email}`));
    expect(found.items).toHaveLength(1);
  });

  it('the same answer again after the operation has ended, byte for byte', async () => {
    const { buyer, body, key } = await newPurchase();
    const first = await buyer.post<OperationView>('/v1/purchases', body, key);
    await ended(buyer, first.body);
    const again = await buyer.post('/v1/purchases', body, key);
    expect([again.status, again.text, again.headers.get('location')]).toEqual([
      202,
      first.text,
      first.headers.get('location'),
    ]);
  });

  it('another body under the same key is idempotency_key_reused', async () => {
    const { buyer, body, key } = await newPurchase();
    await must(202, buyer.post('/v1/purchases', body, key));
    const other = await must(201, askQuote(buyer));
    const reused = await buyer.post('/v1/purchases', { ...body, quoteId: other.id }, key);
    expect(verdictOf(reused)).toBe('422 idempotency_key_reused');
  });

  it('the same key is independent for another path, caller and tenant', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const [contoso, litware] = await Promise.all([adminOf('contoso.example'), adminOf('litware.example')]);
    const colleague = await newcomer({ roles: ['globalAdmin'] });
    const made = await Promise.all([
      must(201, contoso.post<UserView>('/v1/users', newUserBody('contoso.example'), key)),
      must(201, colleague.post<UserView>('/v1/users', newUserBody('contoso.example'), key)),
      must(201, litware.post<UserView>('/v1/users', newUserBody('litware.example'), key)),
      must(201, contoso.post<UserView>('/v1/payment-methods', { token: 'tok_visa' }, key)),
    ]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(4);
    await must(204, contoso.delete(`/v1/users/${colleague.userId}`));
  });

  it('a refused request is not remembered: the key can be used again', async () => {
    const { buyer, body, key } = await newPurchase();
    const refused = await buyer.post('/v1/purchases', { quoteId: body.quoteId }, key);
    expect(verdictOf(refused)).toBe('400 invalid_request');
    await must(202, buyer.post('/v1/purchases', body, key));
  });
});
