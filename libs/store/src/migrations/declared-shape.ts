import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import { COLLECTION_NAMES, type CollectionName, COLLECTIONS } from '../collections/registry.js';
import type { Database } from '../database.js';
import type { Index } from '../schema/define-collection.js';
import type { Step } from './migration.js';

/** What an index is, by the members that MongoDB compares. */
interface IndexShape {
  key: Record<string, unknown>;
  unique?: boolean | undefined;
  partialFilterExpression?: object | undefined;
  expireAfterSeconds?: number | undefined;
}

/**
 * The steps that make the database what the collections' declarations say: collections that are missing, indexes that are missing,
 * changed or not wanted any more, and validators. Each step does nothing where it was done before.
 */
export async function* stepsToDeclared(database: Database): AsyncGenerator<Step> {
  const existing = new Map(
    (await database.existingCollections()).map((found) => [found.name, found.validator]),
  );
  const missing = COLLECTION_NAMES.filter((name) => !existing.has(name));
  if (missing.length > 0) yield createCollections(database, missing);
  for (const name of COLLECTION_NAMES.filter((each) => existing.has(each))) {
    yield* indexSteps(database, name);
    const { validator } = COLLECTIONS[name];
    if (!isDeepStrictEqual(existing.get(name), validator)) yield setValidator(database, name, validator);
  }
}

const createCollections = (database: Database, names: readonly CollectionName[]): Step => ({
  what: `create the collections ${names.join(', ')} with their indexes`,
  run: () =>
    Promise.all(
      names.map(async (name) => {
        const { validator, indexes } = COLLECTIONS[name];
        await database.createCollection(name, validator);
        await createIndexes(database, name, indexes);
      }),
    ),
});

async function* indexSteps(database: Database, name: CollectionName): AsyncGenerator<Step> {
  const collection = database.models[name].collection as mongo.Collection;
  const missing = new Map(COLLECTIONS[name].indexes.map((index) => [nameOf(index), index]));
  for (const { name: found = '_id_', ...shape } of await collection.indexes()) {
    if (found === '_id_') continue;
    const wanted = missing.get(found);
    if (wanted && isDeepStrictEqual(shapeOf(shape), shapeOf(wanted))) missing.delete(found);
    else yield { what: `drop the index ${found} of ${name}`, run: () => collection.dropIndex(found) };
  }
  if (missing.size === 0) return;
  yield {
    what: `create the indexes ${[...missing.keys()].join(', ')} of ${name}`,
    run: () => createIndexes(database, name, [...missing.values()]),
  };
}

const createIndexes = async (
  database: Database,
  name: CollectionName,
  indexes: readonly Index[],
): Promise<void> => {
  if (indexes.length === 0) return;
  const collection = database.models[name].collection as mongo.Collection;
  await collection.createIndexes(
    indexes.map((index) => ({ key: index.key, name: nameOf(index), ...optionsOf(index) })),
  );
};

/** The name that MongoDB gives to an index without one. */
const nameOf = ({ key, name }: Index): string => name ?? Object.entries(key).flat().join('_');

const optionsOf = ({ unique, partialFilterExpression, expireAfterSeconds }: IndexShape) => ({
  ...(unique !== undefined && { unique }),
  ...(partialFilterExpression !== undefined && { partialFilterExpression }),
  ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
});

/** The order of a key's fields matters, which an object's comparison does not see. */
const shapeOf = (index: IndexShape) => ({ key: Object.entries(index.key), ...optionsOf(index) });

const setValidator = (database: Database, name: CollectionName, validator: object | null): Step => ({
  what: validator ? `have MongoDB check the documents of ${name}` : `end MongoDB's check of ${name}`,
  run: async () => {
    if (validator) await requireValid(database, name, validator);
    await database.setValidator(name, validator ?? {});
  },
});

/** A document that the validator refuses could not be changed any more. */
const requireValid = async (database: Database, name: CollectionName, validator: object): Promise<void> => {
  const collection = database.models[name].collection as unknown as mongo.Collection<{ _id: string }>;
  const wrong = await collection.findOne({ $nor: [validator] }, { projection: { _id: 1 } });
  if (!wrong) return;
  throw new Error(
    `The document ${wrong._id} of ${name} has another shape than it should have. Mend or remove it, and migrate again.`,
  );
};

/** Tells two declarations of the database's indexes and validators apart. */
export const declaredFingerprint = (): string => {
  const shapes = COLLECTION_NAMES.map((name) => {
    const { indexes, validator } = COLLECTIONS[name];
    return [name, indexes.map((index) => [nameOf(index), shapeOf(index)]), validator];
  });
  return createHash('sha256').update(JSON.stringify(shapes)).digest('hex').slice(0, 16);
};
