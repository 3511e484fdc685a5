import { beforeAll, describe, expect, it } from '@jest/globals';
import type { QuoteView, SubscriptionView } from '@commissary/contracts';
import { changedBy, database, quiet } from './support/database.js';
import { adminOf, newcomer } from './support/people.js';
import { type Answer, must, type Person, type Sending, UnexpectedAnswer } from './support/person.js';
import { addCard, askQuote, buy, central, PRODUCTS } from './support/shop.js';
import { collectionsOf } from '../support/driver.js';

const KEY = { 'idempotency-key': 'manners' };
const JSON_TYPE = { 'content-type': 'application/json' };

const QUOTE = { productId: PRODUCTS.powerBiPro, offer: 'purchase', quantity: 1, term: 'P1M' };
const USER = { email: 'mallory@contoso.example', displayName: 'Mallory' };
const SETTING = `/v1/policies/AllowSelfServicePurchase/products/${PRODUCTS.powerApps}`;

interface Bad {
  who?: 'buyer' | 'admin';
  method?: string;
  path: string;
  body?: unknown;
  sending?: Sending;
  /** `400 invalid_request` and so on. */
  answer: string;
  /** `pointer rule` of each error named. */
  names?: string[];
}

const quoteWith = (change: object, ...names: string[]): Bad => ({
  path: '/v1/quotes',
  body: { ...QUOTE, ...change },
  answer: '400 invalid_request',
  names,
});

const userWith = (change: object, ...names: string[]): Bad => ({
  who: 'admin',
  path: '/v1/users',
  body: { ...USER, ...change },
  answer: '400 invalid_request',
  names,
});

const listWith = (query: string, ...names: string[]): Bad => ({
  method: 'GET',
  path: `/v1/subscriptions?${query}`,
  answer: '400 invalid_request',
  names,
});

const raw = (
  text: string,
  answer: string,
  names: string[],
  headers: Record<string, string> = JSON_TYPE,
): Bad => ({
  path: '/v1/quotes',
  sending: { raw: text, headers: { ...KEY, ...headers } },
  answer,
  names,
});

const key = (idempotencyKey: string | null, answer: string, ...names: string[]): Bad => ({
  path: '/v1/quotes',
  body: QUOTE,
  sending: { headers: idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey } },
  answer,
  names,
});

const NOTHING_GIVEN = ['/productId required', '/offer invalid_value', '/quantity required'];

const MEGABYTE = 1_048_576;

const BAD: Record<string, Bad> = {
  'an unknown field': quoteWith({ coupon: 'FREE' }, '/coupon unknown_field'),
  'a missing field': quoteWith({ productId: undefined }, '/productId required'),
  'a quantity of 0 [BUY-2]': quoteWith({ quantity: 0 }, '/quantity too_small'),
  'a quantity of 10,001 [BUY-2]': quoteWith({ quantity: 10_001 }, '/quantity too_big'),
  'a quantity of 1.5 [BUY-2]': quoteWith({ quantity: 1.5 }, '/quantity invalid_type'),
  'a quantity in a string [BUY-2]': quoteWith({ quantity: '5' }, '/quantity invalid_type'),
  'a negative quantity': quoteWith({ quantity: -1 }, '/quantity too_small'),
  'a quantity beyond what numbers hold': quoteWith(
    { quantity: 1e300 },
    '/quantity too_big',
    '/quantity too_big',
  ),
  'another offer': quoteWith({ offer: 'gift' }, '/offer invalid_value'),
  'another term': quoteWith({ term: 'P2M' }, '/term invalid_value'),
  'a purchase without a term [BUY-2]': quoteWith({ term: undefined }, '/term required'),
  'several faults at once': quoteWith(
    { quantity: 0, offer: 'gift', extra: 1 },
    '/offer invalid_value',
    '/quantity too_small',
    '/extra unknown_field',
  ),
  'an operator in place of a string': quoteWith({ productId: { $ne: '' } }, '/productId invalid_type'),
  'a $where beside the fields': quoteWith({ $where: 'sleep(1000)' }, '/$where unknown_field'),
  'a list as body': {
    path: '/v1/quotes',
    body: [QUOTE],
    answer: '400 invalid_request',
    names: [' invalid_type'],
  },
  'null as body': raw('null', '400 invalid_request', NOTHING_GIVEN),
  'a number as body': raw('7', '400 invalid_request', [' invalid_type']),
  'no body': raw('', '400 invalid_request', NOTHING_GIVEN),
  'broken JSON': raw('{"productId": ', '400 invalid_request', [' syntax']),
  '__proto__ in the body': raw('{"__proto__": {"isAdmin": true}}', '400 invalid_request', [' syntax']),
  'constructor.prototype in the body': raw(
    '{"constructor": {"prototype": {"isAdmin": true}}}',
    '400 invalid_request',
    [' syntax'],
  ),
  'a body nested 100,000 deep': raw(
    `{"productId": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    '400 invalid_request',
    ['/productId invalid_type', '/offer invalid_value', '/quantity required'],
  ),
  XML: raw('<quote/>', '415 unsupported_media_type', [], { 'content-type': 'application/xml' }),
  'a form': raw('quantity=1', '415 unsupported_media_type', [], {
    'content-type': 'application/x-www-form-urlencoded',
  }),
  'a body of 2 MB': raw(JSON.stringify({ productId: 'x'.repeat(2 * MEGABYTE) }), '413 body_too_large', []),
  'a body of 10 MB': raw(JSON.stringify({ productId: 'x'.repeat(10 * MEGABYTE) }), '413 body_too_large', []),
  'a list of 1,000,000': raw(JSON.stringify({ users: Array(1_000_000).fill('a') }), '413 body_too_large', []),
  'no Idempotency-Key': key(null, '400 idempotency_key_missing'),
  'an empty Idempotency-Key': key('', '400 idempotency_key_missing'),
  'an Idempotency-Key of 256 characters': key(
    'k'.repeat(256),
    '400 invalid_request',
    '/Idempotency-Key format',
  ),
  'an Idempotency-Key beyond ASCII': key('schlüssel', '400 invalid_request', '/Idempotency-Key format'),
  'an Idempotency-Key with a space': key('a b', '400 invalid_request', '/Idempotency-Key format'),
  'NUL in a name': userWith({ displayName: 'Mal\u0000lory' }, '/displayName custom'),
  'marks that turn text round in a name': userWith({ displayName: 'Mal\u202Eyrol' }, '/displayName custom'),
  'a line break in a name': userWith({ displayName: 'Mal\r\nBcc: x@y.example' }, '/displayName custom'),
  'a line break in an address': userWith({ email: 'mal\r\nlory@contoso.example' }, '/email invalid_format'),
  'an address of another tenant': userWith({ email: 'mallory@litware.example' }, '/email own_domain'),
  'a role of the platform': userWith({ roles: ['operator'] }, '/roles/0 invalid_value'),
  'another policy value [POL-3]': {
    who: 'admin',
    method: 'PUT',
    path: SETTING,
    body: { policyValue: 'Sometimes' },
    answer: '400 invalid_request',
    names: ['/policyValue invalid_value'],
  },
  'an unknown query parameter': listWith('colour=red', '/colour unknown_field'),
  'an operator in the query': listWith('status[$ne]=active', '/status[$ne] unknown_field'),
  'a parameter twice': listWith('status=active&status=deleted', '/status invalid_value'),
  'an unknown status': listWith('status=sold', '/status invalid_value'),
  'a limit of 0': listWith('limit=0', '/limit too_small'),
  'a limit of 201': listWith('limit=201', '/limit too_big'),
  'a limit of 1.5': listWith('limit=1.5', '/limit invalid_type'),
  'a limit of many': listWith('limit=many', '/limit invalid_type'),
  'a cursor of nobody': listWith('cursor=%24where', '/cursor cursor'),
  'an id of 101 characters': {
    method: 'GET',
    path: `/v1/subscriptions/${'s'.repeat(101)}`,
    answer: '400 invalid_request',
    names: ['/id too_big'],
  },
  'a path that cannot be decoded': {
    method: 'GET',
    path: '/v1/subscriptions/%zz',
    answer: '400 invalid_request',
    names: [' syntax'],
  },
  'an unknown route': { method: 'GET', path: '/v1/nothing', answer: '404 not_found' },
  'an unknown method': { method: 'PATCH', path: '/v1/subscriptions', body: {}, answer: '404 not_found' },
  'an unknown id with NUL in it': {
    method: 'GET',
    path: '/v1/subscriptions/sub_%00',
    answer: '404 not_found',
  },
};

const summaryOf = ({ status, problem }: Answer): string => `${status} ${problem?.code ?? ''}`;

const namesOf = ({ problem }: Answer): string[] =>
  (problem?.errors ?? []).map(({ pointer, rule }) => `${pointer} ${rule}`);

describe('bad input is named, and changes nothing [EXT-1]', () => {
  let people: Record<'buyer' | 'admin', Person>;
  beforeAll(async () => {
    people = { buyer: await newcomer(), admin: await adminOf('contoso.example') };
    await quiet();
  });

  it.each(Object.entries(BAD))('%s', async (_title, bad) => {
    const { who = 'buyer', method = 'POST', path, body, answer, names = [] } = bad;
    const sending = bad.sending ?? { headers: method === 'POST' ? KEY : {} };
    const changed = await changedBy(async () => {
      const got = await people[who].send(method, path, body, sending);
      expect({ answer: summaryOf(got), names: namesOf(got).sort() }).toEqual({
        answer,
        names: [...names].sort(),
      });
      for (const { detail } of got.problem?.errors ?? []) expect(detail).not.toBe('');
    });
    expect(changed).toEqual([]);
  });

  it('more than 1,000 users in a batch [OWN-3]', async () => {
    const { subscriptionId } = await buy(people.buyer);
    await quiet();
    const users = Array.from({ length: 100_000 }, (_, n) => `u${n}`);
    const changed = await changedBy(async () => {
      const got = await people.buyer.post(`/v1/subscriptions/${subscriptionId}/licenses`, { users });
      expect({ answer: summaryOf(got), names: namesOf(got) }).toEqual({
        answer: '400 invalid_request',
        names: ['/users too_big'],
      });
    });
    expect(changed).toEqual([]);
  });
});

describe('quotes that cannot be bought [BUY-2]', () => {
  let buyer: Person;
  beforeAll(async () => {
    buyer = await newcomer();
  });

  const purchase = async (quote: Pick<QuoteView, 'id'>, cardOf = buyer): Promise<Answer> => {
    const card = await addCard(cardOf);
    let answer: Answer | undefined;
    const changed = await changedBy(async () => {
      answer = await buyer.post('/v1/purchases', { quoteId: quote.id, paymentMethodId: card.id });
    });
    expect(changed).toEqual([]);
    if (!answer) throw new UnexpectedAnswer('none');
    return answer;
  };

  it('an expired quote is quote_expired', async () => {
    const quote = await must(201, askQuote(buyer));
    const collections = collectionsOf(await database());
    await collections.quotes.updateOne(
      { _id: quote.id },
      { $set: { expiresAt: new Date(Date.now() - 1_000) } },
    );
    expect(summaryOf(await purchase(quote))).toBe('409 quote_expired');
  });

  it('a used quote is quote_used', async () => {
    const [card, quote] = [await addCard(buyer), await must(201, askQuote(buyer))];
    await must(202, buyer.post('/v1/purchases', { quoteId: quote.id, paymentMethodId: card.id }));
    await quiet();
    expect(summaryOf(await purchase(quote))).toBe('409 quote_used');
  });

  it("another's quote and another's card are not_found, as unknown ones", async () => {
    const other = await newcomer();
    const foreign = await must(201, askQuote(other));
    const own = await must(201, askQuote(buyer));
    await quiet();
    expect(summaryOf(await purchase(foreign))).toBe('404 not_found');
    expect(summaryOf(await purchase({ id: 'quo_00000000000000000000000000' }))).toBe('404 not_found');
    expect(summaryOf(await purchase(own, other))).toBe('404 not_found');
  });

  it('a purchase without a card, and a cardless trial with one, are named', async () => {
    const quote = await must(201, askQuote(buyer));
    const without = await buyer.post('/v1/purchases', { quoteId: quote.id });
    expect([summaryOf(without), namesOf(without)]).toEqual([
      '400 invalid_request',
      ['/paymentMethodId required'],
    ]);
    const trial = await must(
      201,
      buyer.post<QuoteView>('/v1/quotes', { productId: PRODUCTS.powerApps, offer: 'trial', quantity: 1 }),
    );
    const answer = await purchase(trial);
    expect([summaryOf(answer), namesOf(answer)]).toEqual([
      '400 invalid_request',
      ['/paymentMethodId not_asked'],
    ]);
  });
});

describe('requests and answers carry what clients need [EXT-1]', () => {
  it('a Request-Id: the client’s if it is sane, one of our own otherwise', async () => {
    const buyer = await newcomer();
    const own = await buyer.get('/v1/me', { 'request-id': 'my-request.1' });
    expect(own.headers.get('request-id')).toBe('my-request.1');
    const insane = await buyer.get('/v1/me', { 'request-id': 'a b<script>' });
    expect(insane.headers.get('request-id')).toMatch(/^req_/);
  });

  it('an ETag on reads: 304 while nothing has changed, a new one after', async () => {
    const admin = await adminOf('contoso.example');
    const { id } = await central(5);
    const path = `/v1/subscriptions/${id}`;
    const first = await admin.get<SubscriptionView>(path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const again = await admin.get(path, { 'if-none-match': etag });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    const someone = await newcomer();
    await must(200, admin.post(`${path}/licenses`, { users: [someone.email] }));
    const changed = await admin.get<SubscriptionView>(path, { 'if-none-match': etag });
    expect([changed.status, changed.body.seats.assigned]).toEqual([200, 1]);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('If-Match on the policy: stale is 412 and changes nothing [POL-3]', async () => {
    const admin = await adminOf('wingtip.example');
    const read = (await admin.get(SETTING)).headers.get('etag') ?? '';
    const first = await admin.put(SETTING, { policyValue: 'Disabled' }, { 'if-match': read });
    expect(first.status).toBe(200);
    const stale = await admin.put(SETTING, { policyValue: 'Enabled' }, { 'if-match': read });
    expect(summaryOf(stale)).toBe('412 stale');
    const now = await admin.get<{ policyValue: string }>(SETTING);
    expect([now.body.policyValue, now.headers.get('etag')]).toEqual(['Disabled', first.headers.get('etag')]);
    await must(
      200,
      admin.put(SETTING, { policyValue: 'Enabled' }, { 'if-match': now.headers.get('etag') ?? '' }),
    );
  });
});
