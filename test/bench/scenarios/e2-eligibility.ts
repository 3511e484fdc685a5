import { POLICY_VALUES } from '@commissary/domain';
import { catalogItem } from '@commissary/gateway';
import {
  BuyerFactsReader,
  CatalogRepository,
  type Database,
  PoliciesRepository,
  migrate,
} from '@commissary/store';
import { insertAll } from '../lib/data/fresh.js';
import { openShop } from '../lib/data/shop.js';
import { atMost, type Bench, boundFigure, type Scenario } from '../lib/goal.js';
import { median } from '../lib/statistics.js';
import { collectionsOf, dbOf } from '../../support/driver.js';

const PRODUCTS = 1_000;
const PASSES = 50;
const LIMIT_MS = 5;
const DATABASE = 'bench_eligibility';

/** E2: what a buyer may have of a large catalog, every reason and price of it. [ELG-5] */
export const e2: Scenario = {
  id: 'E2',
  group: 'catalog',
  title: 'Eligibility for a whole catalog',
  meaning:
    'What one buyer may have of every product: both offers with every reason against them, and the prices in force. First by itself, as it is asked beside other work, then with the facts read afresh from MongoDB.',
  run: async (bench) => {
    const catalog = await openCatalog(bench);
    try {
      const [rules, whole]: [number[], number[]] = [[], []];
      // The first passes compile the code.
      await medianOf(catalog.passOverFacts);
      await medianOf(catalog.passFromStore);
      for (let round = 0; round < bench.options.pairs; round += 1) {
        bench.signal.throwIfAborted();
        rules.push(await medianOf(catalog.passOverFacts));
        whole.push(await medianOf(catalog.passFromStore));
        bench.say(`  ${rules.at(-1)?.toFixed(2)} ms, with its facts read ${whole.at(-1)?.toFixed(2)} ms`);
      }
      const { size } = catalog;
      return {
        figures: [
          boundFigure(`both offers and prices of ${size} products`, 'ms', rules, atMost(LIMIT_MS)),
          boundFigure('the same with its facts read from MongoDB first', 'ms', whole, null),
        ],
        rows: [],
        rounds: [],
        remarks: [`each value is the median of ${PASSES} passes`, `${catalog.prices} prices in the catalog`],
      };
    } finally {
      await catalog.close();
    }
  },
};

const medianOf = async (pass: () => Promise<number> | number): Promise<number> => {
  const times: number[] = [];
  for (let done = 0; done < PASSES; done += 1) {
    const began = performance.now();
    const decided = await pass();
    times.push(performance.now() - began);
    if (decided === 0) throw new Error('the catalog is empty');
  }
  return median(times);
};

/** The real catalog again and again under other ids, and a tenant that has decided about half of it. */
const openCatalog = async (bench: Bench) => {
  const size = bench.options.n ?? PRODUCTS;
  const database = await bench.stores.open(DATABASE);
  await dbOf(database).dropDatabase();
  await migrate(database, { holder: 'test' });
  const { tenant, buyers } = await openShop(database, 1);
  const [buyer] = buyers;
  if (!buyer) throw new Error('nobody to ask for');
  const repository = await fillCatalog(database, size);
  await decide(database, tenant._id);
  const reader = new BuyerFactsReader(database, repository, new PoliciesRepository(database));
  const { products } = await repository.current();
  const now = new Date();
  const pass = (factsOf: Awaited<ReturnType<typeof reader.about>>): number =>
    products.reduce((sum, product) => {
      const item = catalogItem(product, factsOf(product.productId), false, now);
      return sum + item.offers.length;
    }, 0);
  const facts = await reader.about(tenant, buyer);
  return {
    size: products.length,
    prices: products.reduce((sum, product) => sum + product.prices.length, 0),
    passOverFacts: () => pass(facts),
    passFromStore: async () => pass(await reader.about(tenant, buyer)),
    close: async () => {
      await dbOf(database).dropDatabase();
      await database.close();
    },
  };
};

/** Kept for the whole run, as a gateway keeps it for seconds: reading it is no part of a request. */
const fillCatalog = async (database: Database, size: number): Promise<CatalogRepository> => {
  const { products } = collectionsOf(database);
  const real = await products.find().sort({ _id: 1 }).toArray();
  const more = Array.from({ length: Math.max(0, size - real.length) }, (_, place) => ({
    ...real[place % real.length],
    _id: `MORE${String(place).padStart(8, '0')}`,
  }));
  await insertAll(database, 'products', more);
  return new CatalogRepository(database, Number.POSITIVE_INFINITY);
};

const decide = async (database: Database, tenantId: string): Promise<void> => {
  const { products, policies } = collectionsOf(database);
  const ids = await products.distinct('_id');
  const values = ids
    .filter((_, place) => place % 2 === 0)
    .map((id, place) => [id, POLICY_VALUES[place % POLICY_VALUES.length] ?? 'Disabled'] as const);
  await policies.insertOne({
    _id: tenantId,
    version: 1,
    defaultValue: 'Enabled',
    values: Object.fromEntries(values),
    updatedAt: new Date(),
  });
};
