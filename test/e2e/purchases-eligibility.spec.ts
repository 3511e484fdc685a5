import { afterAll, describe, expect, it } from '@jest/globals';
import type { CatalogItemView, ListView, QuoteView } from '@commissary/contracts';
import { database } from './support/database.js';
import { eventually } from './support/eventually.js';
import { newcomer, person } from './support/people.js';
import { type Answer, must, type Person } from './support/person.js';
import { askQuote, PRODUCTS } from './support/shop.js';
import { collectionsOf } from '../support/driver.js';

const { powerBiPro, visioPlan1, projectPlan3 } = PRODUCTS;

const reasonsOf = async (who: Person, productId: string = powerBiPro): Promise<readonly string[]> => {
  const answer = await askQuote(who, { productId });
  if (answer.status === 201) return [];
  expect([answer.status, answer.problem?.code]).toEqual([403, 'not_eligible']);
  return answer.problem?.reasons ?? [];
};

const catalogOf = (who: Person): Promise<ListView<CatalogItemView>> =>
  must(200, who.get<ListView<CatalogItemView>>('/v1/catalog'));

const priceOf = async (asked: Promise<Answer<QuoteView>>) => (await must(201, asked)).unitPrice;

describe('who may buy what', () => {
  it('an active member may, synced from on premises or not [ELG-1]', async () => {
    const [cloud, synced, sample] = await Promise.all([
      newcomer(),
      newcomer({ source: 'synced' }),
      person('sam@contoso.example'),
    ]);
    expect(await Promise.all([cloud, synced, sample].map((who) => reasonsOf(who)))).toEqual([[], [], []]);
  });

  it('a guest may not [ELG-1]', async () => {
    expect(await reasonsOf(await person('gina@contoso.example'))).toEqual(['guest']);
  });

  it('a disabled account cannot even ask [ELG-1]', async () => {
    const answer = await askQuote(await person('dana@contoso.example'));
    expect([answer.status, answer.problem?.code]).toEqual([401, 'account_inactive']);
  });

  it.each(['fabrikam-gov.example', 'northwind-edu.example'])(
    'nobody in %s, a government or education tenant [ELG-2]',
    async (domain) => {
      const people = await Promise.all([person(`user@${domain}`), person(`global.admin@${domain}`)]);
      for (const who of people) expect(await reasonsOf(who)).toEqual(['tenant_type']);
    },
  );

  it('a nonprofit since 2020-09-15, at the price of its market [ELG-2] [BUY-7]', async () => {
    const user = await person('user@relecloud-org.example');
    expect(await priceOf(askQuote(user))).toEqual({ amountMinor: 790, currency: 'GBP' });
  });

  it('nobody in India [ELG-3]', async () => {
    const user = await person('user@tailspin.example');
    expect(await reasonsOf(user)).toEqual(['market']);
    for (const item of (await catalogOf(user)).items) {
      for (const offer of item.offers) expect(offer.reasons).toContain('market');
    }
  });

  it('in Brazil all but Project and Visio [ELG-3]', async () => {
    const user = await person('user@wingtip.example');
    expect(await reasonsOf(user, visioPlan1)).toEqual(['product_market']);
    expect(await reasonsOf(user, projectPlan3)).toEqual(['product_market']);
    expect(await priceOf(askQuote(user))).toEqual({ amountMinor: 5_090, currency: 'BRL' });
  });

  it('every reason that applies is named, in one order, with one message for people [ELG-5]', async () => {
    const guest = await newcomer({ domain: 'wingtip.example', type: 'guest' });
    expect(await reasonsOf(guest, visioPlan1)).toEqual(['guest', 'product_market']);
    expect(await reasonsOf(guest, 'CFQ7TTC0XXXX')).toEqual(['guest', 'product_unknown']);
    const [one, other] = await Promise.all([
      askQuote(guest, { productId: visioPlan1 }),
      askQuote(await person('user@tailspin.example')),
    ]);
    expect(one.problem?.detail).toMatch(/contact your IT admin/i);
    expect(other.problem?.detail).toBe(one.problem?.detail);
  });

  it.each(['newcomer', 'gina@contoso.example', 'user@wingtip.example', 'user@fabrikam-gov.example'])(
    'the catalog of %s says of every product and offer what the quote says [ELG-5]',
    async (name) => {
      const who = name === 'newcomer' ? await newcomer() : await person(name);
      const { items } = await catalogOf(who);
      expect(items.length).toBeGreaterThanOrEqual(9);
      const offers = items.flatMap(({ productId, offers }) =>
        offers.map((offer) => ({ productId, ...offer })),
      );
      const quotes = await Promise.all(
        offers.map(({ productId, offer }) =>
          who.post('/v1/quotes', {
            productId,
            offer,
            quantity: 1,
            ...(offer === 'purchase' && { term: 'P1M' }),
          }),
        ),
      );
      expect(quotes.map((quote) => [quote.status === 201, quote.problem?.reasons ?? []])).toEqual(
        offers.map(({ eligible, reasons }) => [eligible, reasons]),
      );
    },
  );
});

describe('rules are dated data [ELG-6]', () => {
  const productId = 'TOMORROW0001';
  const day = (offset: number): string =>
    new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

  afterAll(async () => {
    const collections = collectionsOf(await database());
    await collections.products.deleteOne({ _id: productId });
  });

  it('a product that opened in one market and opens tomorrow in the others', async () => {
    const collections = collectionsOf(await database());
    const like = await collections.products.findOne({ _id: powerBiPro });
    if (!like) throw new Error('the catalog is empty');
    const opens = [
      { market: 'SE', from: day(-1) },
      { market: '*', from: day(1) },
    ];
    await collections.products.insertOne({ ...like, _id: productId, productName: 'Opens Tomorrow', opens });
    const [american, swede] = await Promise.all([newcomer(), person('user@litware.example')]);
    await eventually('the new product is in the catalog', async () =>
      (await catalogOf(american)).items.some((item) => item.productId === productId) ? true : undefined,
    );
    expect(await reasonsOf(american, productId)).toEqual(['not_open_yet']);
    expect(await reasonsOf(swede, productId)).toEqual([]);
  });
});
