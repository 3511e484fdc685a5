import type { CatalogFiles } from '@commissary/contracts';
import {
  type CatalogFault,
  CatalogRefusedError,
  rewrittenPrices,
  subjectOf,
  unlistedMarkets,
  utcDay,
} from '@commissary/domain';
import type { Model } from 'mongoose';
import type { Database, Session } from '../database.js';
import type { ProductDocument } from '../collections/index.js';
import {
  type CatalogChanges,
  catalogChanges,
  type CatalogDocuments,
  type Difference,
} from './catalog-changes.js';
import { productOf } from './catalog.repository.js';
import { acrossTenants } from '../schema/tenancy.js';

export interface CatalogLoading {
  /** The database's time, by which prices have been in force. */
  now: Date;
  /** Looks and says, and writes nothing. */
  dryRun?: boolean;
}

/**
 * Makes the files the catalog, in one transaction, and says what changed. Markets and rules that were not given stay. [BUY-7, ELG-3, ELG-6]
 * Throws `CatalogRefusedError`, and nothing is written: a price would change for a day that is over, a market is not on the
 * list, or a product that subscriptions have would go. Programs see the change once their copy is old: within 5 s.
 */
export const loadCatalog = async (
  database: Database,
  files: CatalogFiles,
  { now, dryRun = false }: CatalogLoading,
): Promise<CatalogChanges> => {
  // Reads what may be many subscriptions, too long for a transaction.
  const held = await heldProducts(database, files);
  return database.transaction(async (session) => {
    const before = await readCatalog(database, session);
    const after = documentsOf(files, before);
    const changes = catalogChanges(before, after);
    refuse([...faultsOf(after), ...historyFaults(changes, held, utcDay(now))]);
    if (!dryRun) await write(database, changes, session);
    return changes;
  });
};

/** As `loadCatalog`, whatever was in force or is held: for sample data, which has no history to keep. */
export const replaceCatalog = async (database: Database, files: CatalogFiles): Promise<void> =>
  database.transaction(async (session) => {
    const before = await readCatalog(database, session);
    const after = documentsOf(files, before);
    refuse(faultsOf(after));
    await write(database, catalogChanges(before, after), session);
  });

const HELD = acrossTenants('catalog: products that anybody has');

/** Ids of products that are not in the files although living subscriptions have them: their renewals ask for its prices. [BUY-9] */
const heldProducts = async ({ models }: Database, { products }: CatalogFiles): Promise<Set<string>> => {
  const ids = products.map(({ productId }) => productId);
  const missing = await models.products.distinct('_id', { _id: { $nin: ids } });
  const held = new Set<string>();
  for (const productId of missing) {
    const living = { productId, status: { $ne: 'deleted' as const } };
    if (await models.subscriptions.findOne(living, { _id: 1 }, HELD).lean()) held.add(productId);
  }
  return held;
};

const readCatalog = async ({ models }: Database, session: Session): Promise<CatalogDocuments> => ({
  products: await models.products.find({}, null, { session }).lean(),
  markets: await models.markets.find({}, null, { session }).lean(),
  rules: await models.eligibilityRules.find({}, null, { session }).lean(),
});

const documentsOf = (
  { products, markets, rules }: CatalogFiles,
  before: CatalogDocuments,
): CatalogDocuments => ({
  products: products.map(({ productId, ...product }) => ({ _id: productId, ...product })),
  markets: markets?.map(({ code, name }) => ({ _id: code, name })) ?? before.markets,
  rules: rules?.map((rule) => ({ _id: `${rule.tenantType}:${rule.from}`, ...rule })) ?? before.rules,
});

const faultsOf = ({ products, markets, rules }: CatalogDocuments): CatalogFault[] => {
  const nobody = 'there are none yet, and without them nobody may buy; give the file';
  if (markets.length === 0) return [{ subject: 'markets', field: '(whole)', detail: nobody }];
  if (rules.length === 0) return [{ subject: 'rules', field: '(whole)', detail: nobody }];
  const listed = new Set(markets.map(({ _id }) => _id));
  return products.flatMap((product) => unlistedMarkets(productOf(product), listed));
};

const historyFaults = (
  { products: { changed, withdrawn } }: CatalogChanges,
  held: ReadonlySet<string>,
  today: string,
): CatalogFault[] => [
  ...changed.flatMap(({ before, after }) => rewrittenPrices(productOf(before), productOf(after), today)),
  ...withdrawn.filter(({ _id }) => held.has(_id)).map(heldFault),
];

const heldFault = (product: ProductDocument): CatalogFault => ({
  subject: subjectOf(productOf(product)),
  field: '(whole)',
  detail:
    'is not in the file but has living subscriptions; keep it, and end its prices with "until" to sell no more',
});

const refuse = (faults: readonly CatalogFault[]): void => {
  if (faults.length > 0) throw new CatalogRefusedError(faults);
};

const write = async ({ models }: Database, changes: CatalogChanges, session: Session): Promise<void> => {
  await writeTo(models.products, changes.products, session);
  await writeTo(models.markets, changes.markets, session);
  await writeTo(models.eligibilityRules, changes.rules, session);
};

const writeTo = async <T extends { _id: string }>(
  model: Model<T>,
  { added, changed, withdrawn }: Difference<T>,
  session: Session,
): Promise<void> => {
  const written = [...added, ...changed.map(({ after }) => after)];
  const writes = [
    ...written.map((replacement) => ({
      replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
    })),
    ...withdrawn.map(({ _id }) => ({ deleteOne: { filter: { _id } } })),
  ];
  // MongoDB refuses an empty list. The types of a bulk write do not follow a generic document.
  if (writes.length > 0) await model.bulkWrite(writes as never, { session });
};
