import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CatalogItemView, type ListView, parseCatalogFiles } from '@commissary/contracts';
import { addDays, CatalogRefusedError, type Price, type Product, utcDay } from '@commissary/domain';
import {
  type CatalogChanges,
  CatalogRepository,
  Database,
  loadCatalog,
  replaceCatalog,
  migrate,
} from '@commissary/store';
import { type TestServices, testServices } from '../support/database.js';
import { aSubscription, aTenant, aUser } from '../support/documents.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { ROOT } from '../support/stack-process.js';
import { collectionsOf, dbOf } from '../support/driver.js';

const NOW = new Date();
const dayAt = (offset: number): string => utcDay(addDays(NOW, offset));

const PRICE: Price = {
  channel: 'selfService',
  market: '*',
  term: 'P1M',
  currency: 'USD',
  unitAmountMinor: 999,
  from: '2026-01-01',
};
const PRO: Product = {
  productId: 'PRO',
  productName: 'Power BI Pro',
  service: 'Power BI',
  family: 'Power Platform',
  excludedMarkets: [],
  trial: null,
  opens: [{ market: '*', from: '2026-01-01' }],
  prices: [PRICE],
  trainingUrl: 'https://vendor.example/pro',
};
const PREMIUM: Product = { ...PRO, productId: 'PREMIUM', productName: 'Power BI Premium' };
const MARKETS = [
  { code: 'SE', name: 'Sweden' },
  { code: 'US', name: 'United States' },
];
const RULES = { tenantTypes: [{ tenantType: 'commercial', eligible: true, from: '2020-01-14' }] };

let services: TestServices;
let database: Database;
let folder: string;

beforeAll(async () => {
  services = testServices();
  database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
  await migrate(database, { holder: 'test' });
  folder = await mkdtemp(path.join(tmpdir(), 'commissary-catalog-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.close();
  await services.remove();
});

beforeEach(async () => {
  const { products, markets, eligibilityRules, subscriptions } = collectionsOf(database);
  await products.deleteMany({});
  await markets.deleteMany({});
  await eligibilityRules.deleteMany({});
  await subscriptions.deleteMany({});
});

/** All there is of the catalog, as it lies in MongoDB. */
const stored = async () => {
  const { products, markets, eligibilityRules } = collectionsOf(database);
  const inOrder = { sort: { _id: 1 } } as const;
  return {
    products: await products.find({}, inOrder).toArray(),
    markets: await markets.find({}, inOrder).toArray(),
    rules: await eligibilityRules.find({}, inOrder).toArray(),
  };
};

const load = (products: Product[], files: object = {}, dryRun = false): Promise<CatalogChanges> =>
  loadCatalog(database, parseCatalogFiles({ products, ...files }), { now: NOW, dryRun });

const loadFirst = (...products: Product[]) => load(products, { markets: MARKETS, rules: RULES });

/** What the refusal names; fails where it is taken after all, or where anything was written. */
const refused = async (...given: Parameters<typeof load>): Promise<string[]> => {
  const before = await stored();
  const error: unknown = await load(...given).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CatalogRefusedError);
  expect(await stored()).toEqual(before);
  return (error as CatalogRefusedError).faults.map(({ subject, field }) => `${subject}: ${field}`);
};

describe('loading the catalog', () => {
  it('the first time takes all of it, and the second time changes nothing [BUY-7, ELG-3, ELG-6]', async () => {
    const first = await loadFirst(PRO, PREMIUM);
    expect(first.products.added.map(({ _id }) => _id)).toEqual(['PRO', 'PREMIUM']);
    const { products, markets, rules } = await new CatalogRepository(database).current();
    expect(products).toEqual([PREMIUM, PRO]);
    expect(markets).toEqual(new Set(['SE', 'US']));
    expect(rules).toEqual(RULES);

    const again = await loadFirst(PREMIUM, PRO);
    for (const { added, changed, withdrawn } of Object.values(again)) {
      expect([added, changed, withdrawn]).toEqual([[], [], []]);
    }
  });

  it('keeps markets and rules that are not given; without any it refuses [ELG-2, ELG-3]', async () => {
    expect(await refused([PRO])).toEqual(['markets: (whole)']);
    expect(await refused([PRO], { markets: MARKETS })).toEqual(['rules: (whole)']);
    await loadFirst(PRO);
    await load([PRO, PREMIUM]);
    expect((await stored()).markets).toHaveLength(2);
    await load([PRO, PREMIUM], { markets: MARKETS.slice(0, 1) });
    expect((await stored()).markets).toEqual([{ _id: 'SE', name: 'Sweden' }]);
  });

  it('a dry run says the same and writes nothing', async () => {
    await loadFirst(PRO);
    const before = await stored();
    const files = { markets: MARKETS.slice(0, 1) };
    const said = await load([{ ...PRO, productName: 'Fabric' }, PREMIUM], files, true);
    expect(await stored()).toEqual(before);
    expect(await load([{ ...PRO, productName: 'Fabric' }, PREMIUM], files)).toEqual(said);
    expect(await stored()).not.toEqual(before);
  });

  it('ends a price and lets another follow, and rewrites none that was in force [BUY-7]', async () => {
    await loadFirst(PRO, PREMIUM);
    const cheaper = { ...PRO, prices: [{ ...PRICE, unitAmountMinor: 1 }] };
    // One that is sound does not go ahead of one that is not.
    const sound = { ...PREMIUM, productName: 'Premium per user' };
    expect(await refused([cheaper, sound])).toEqual(['PRO (Power BI Pro): prices[0].unitAmountMinor']);
    expect(await refused([{ ...PRO, prices: [] }, PREMIUM])).toEqual(['PRO (Power BI Pro): prices']);

    const next = { ...PRICE, unitAmountMinor: 1_099, from: dayAt(30) };
    const prices = [{ ...PRICE, until: next.from }, next];
    const { products } = await load([{ ...PRO, prices }, PREMIUM]);
    expect(products.changed.map(({ prices: { added, changed } }) => [added.length, changed.length])).toEqual([
      [1, 1],
    ]);
    expect((await new CatalogRepository(database).current()).productById.get('PRO')?.prices).toEqual(prices);
  });

  it('refuses markets that are not on the list, a new one or the old [ELG-3]', async () => {
    await loadFirst(PRO);
    const brazilian = { ...PRO, excludedMarkets: ['BR'] };
    expect(await refused([brazilian])).toEqual(['PRO (Power BI Pro): excludedMarkets[0]']);
    await load([brazilian], { markets: [...MARKETS, { code: 'BR', name: 'Brazil' }] });
    expect(await refused([brazilian], { markets: MARKETS })).toEqual([
      'PRO (Power BI Pro): excludedMarkets[0]',
    ]);
  });

  it('withdraws a product that nobody has, and none that living subscriptions have [BUY-9]', async () => {
    await loadFirst(PRO, PREMIUM);
    const { subscriptions } = collectionsOf(database);
    const held = aSubscription('ten_1', {
      productId: 'PREMIUM',
      seats: { purchased: 1, assigned: 0, reservations: [] },
    });
    await subscriptions.insertOne(held);
    expect(await refused([PRO])).toEqual(['PREMIUM (Power BI Premium): (whole)']);
    await subscriptions.updateOne({ _id: held._id }, { $set: { status: 'deleted' } });
    const { products } = await load([PRO]);
    expect(products.withdrawn.map(({ _id }) => _id)).toEqual(['PREMIUM']);
    expect((await stored()).products.map(({ _id }) => _id)).toEqual(['PRO']);
  });

  it('writes nothing where the last of the writes fails', async () => {
    await loadFirst(PRO);
    const before = await stored();
    const validate = (validator: object) => dbOf(database).command({ collMod: 'markets', validator });
    await validate({ name: { $ne: 'Nowhere' } });
    try {
      const markets = [...MARKETS, { code: 'XN', name: 'Nowhere' }];
      await expect(load([PRO, PREMIUM], { markets })).rejects.toThrow('failed validation');
    } finally {
      await validate({});
    }
    expect(await stored()).toEqual(before);
  });

  it('of several at once one is the last, whole', async () => {
    await loadFirst(PRO);
    const names = Array.from({ length: 8 }, (_, index) => `Name ${index}`);
    await Promise.all(
      names.map((productName) =>
        load([
          { ...PRO, productName },
          { ...PREMIUM, productName },
        ]),
      ),
    );
    const [one, other] = (await stored()).products;
    expect(names).toContain(one?.productName);
    expect(other?.productName).toBe(one?.productName);
  });

  it('samples have no history: any sound data replaces them', async () => {
    await loadFirst(PRO, PREMIUM);
    const cheaper = { ...PRO, prices: [{ ...PRICE, unitAmountMinor: 1 }] };
    await replaceCatalog(database, parseCatalogFiles({ products: [cheaper] }));
    expect((await stored()).products.map(({ prices }) => prices[0]?.unitAmountMinor)).toEqual([1]);
  });
});

describe('node apps/worker/dist/load-catalog.js [RUN-7]', () => {
  const write = async (name: string, content: unknown): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };

  const run = async (...args: string[]) => {
    const program = path.join(ROOT, 'apps/worker/dist/load-catalog.js');
    // Nothing but its own environment, as in a container.
    const env = { PATH: process.env['PATH'] ?? '', MONGODB_URI: services.mongodbUri };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode, stdout: stdout.trim().split('\n'), stderr: stderr.trim().split('\n') };
  };

  it('loads the sample data, says what changed, and the second time nothing', async () => {
    const file = (name: string): string => path.join(ROOT, 'data', `${name}.json`);
    const options = ['markets', 'training'].flatMap((name) => [`--${name}`, file(name)]);
    const args = [file('products'), '--rules', file('eligibility'), ...options];
    const dry = await run(...args, '--dry-run');
    expect(dry.stdout.at(-1)).toBe('Dry run: nothing was written.');
    expect((await stored()).products).toEqual([]);

    const first = await run(...args);
    expect(first).toMatchObject({ exitCode: 0, stderr: [''] });
    expect(first.stdout).toEqual(dry.stdout.slice(0, -1));
    expect(first.stdout).toContain('new product CFQ7TTC0H9MP (Power BI Pro)');
    expect((await stored()).markets).toHaveLength(243);
    expect(await run(...args)).toEqual({ exitCode: 0, stdout: ['Nothing changed.'], stderr: [''] });
  });

  it('says what is wrong, and changes nothing', async () => {
    await loadFirst(PRO);
    const bad = { ...PRO, prices: [{ ...PRICE, until: '2025-01-01' }] };
    const { exitCode, stdout, stderr } = await run(await write('bad.json', [bad]));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: [''] });
    expect(stderr).toEqual([
      'PRO (Power BI Pro): prices[0].until: must be after "from" (2026-01-01)',
      'The catalog was not changed.',
    ]);
    expect((await run(await write('text.json', '[{]'))).stderr[0]).toMatch(/text\.json is not JSON/);
    expect((await run(path.join(folder, 'none.json'))).stderr[0]).toMatch(/none\.json cannot be read/);
    expect((await stored()).products[0]?.prices).toEqual([PRICE]);
  });

  it('a gateway that runs sells at the new price within 5 s [BUY-7]', async () => {
    await loadFirst(PRO);
    const gateway = await TestGateway.start({
      MONGODB_URI: services.mongodbUri,
      QUEUE_PREFIX: services.queuePrefix,
    });
    try {
      const tenant = aTenant();
      const buyer = aUser(tenant._id);
      await collectionsOf(database).tenants.insertOne(tenant);
      await collectionsOf(database).users.insertOne(buyer);
      const amounts = async (): Promise<(number | undefined)[]> => {
        const { body } = await gateway.as<ListView<CatalogItemView>>(buyer, 'GET', '/v1/catalog');
        return body.items.map(({ offers }) => offers[0]?.prices[0]?.unitPrice.amountMinor);
      };
      expect(await amounts()).toEqual([999]);
      const prices = [
        { ...PRICE, until: dayAt(0) },
        { ...PRICE, unitAmountMinor: 1_099, from: dayAt(0) },
      ];
      const { exitCode } = await run(await write('dearer.json', [{ ...PRO, prices }]));
      expect(exitCode).toBe(0);
      const deadline = performance.now() + 5_000;
      let seen = await amounts();
      while (seen[0] === 999 && performance.now() < deadline) {
        await delay(100);
        seen = await amounts();
      }
      expect(seen).toEqual([1_099]);
    } finally {
      await gateway.close();
    }
  });
});
