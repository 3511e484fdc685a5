import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COLLECTION_NAMES, COLLECTIONS, type CollectionName, Database, migrate } from '@commissary/store';
import type { Collection, Document } from 'mongodb';
import { oldCollections } from '../support/before-migrations.js';
import { testServices } from '../support/database.js';
import { collectionsOf } from '../support/driver.js';

const services = testServices();
const samples = oldCollections();
let database: Database;

beforeAll(async () => {
  database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
  await migrate(database, { holder: 'test' });
});

afterAll(async () => {
  await database.close();
  await services.remove();
});

/** MongoDB's own code for a document that its collection's validator refuses. */
const REFUSED = 121;

type Stored = Document & { _id: string };

const storedPast = (name: CollectionName): Collection<Stored> =>
  collectionsOf(database)[name] as unknown as Collection<Stored>;

/** Writes a document past mongoose and takes it away again. Null, or MongoDB's error code. */
const written = async (name: CollectionName, document: object): Promise<unknown> => {
  const row = { ...document, _id: `${name}-test` };
  try {
    await storedPast(name).insertOne(row);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  await storedPast(name).deleteOne({ _id: row._id });
  return null;
};

/** Collections that MongoDB checks; ADR 2 names the others, with what a check costs there. */
const VALIDATED = COLLECTION_NAMES.filter((name) => COLLECTIONS[name].validator !== null);

it('every collection is checked but one', () => {
  expect(COLLECTION_NAMES.filter((name) => !VALIDATED.includes(name))).toEqual(['licenses']);
});

describe.each(VALIDATED)('a document of %s written past mongoose', (name) => {
  it('is refused where its fields are missing', async () => {
    expect(await written(name, {})).toBe(REFUSED);
  });
});

const WITH_SAMPLES = VALIDATED.filter((name) => samples[name]?.documents.length);

describe.each(WITH_SAMPLES)('a real document of %s written past mongoose', (name) => {
  const real = samples[name]!.documents[0]!;

  it('is taken, and refused with a field that no schema knows', async () => {
    expect(await written(name, real)).toBeNull();
    expect(await written(name, { ...real, nickname: 'x' })).toBe(REFUSED);
  });

  it('is refused when any one of its fields has another type', async () => {
    const { properties = {} } = COLLECTIONS[name].validator?.$jsonSchema ?? {};
    // The answer that an idempotency record keeps may be any JSON.
    const fields = Object.keys(properties).filter((field) => !['_id', 'body'].includes(field));
    const outcomes: [string, unknown][] = [];
    // No field of any collection holds a regular expression.
    for (const field of fields) outcomes.push([field, await written(name, { ...real, [field]: /x/ })]);
    expect(outcomes).toEqual(fields.map((field) => [field, REFUSED]));
  });
});

it('a change past mongoose that would make a document wrong is refused', async () => {
  const subscriptions = storedPast('subscriptions');
  await subscriptions.insertOne({ ...samples['subscriptions']!.documents[0]!, _id: 'sub_changed' });
  const change = (fields: object) => subscriptions.updateOne({ _id: 'sub_changed' }, { $set: fields });
  await expect(change({ 'seats.assigned': 'three' })).rejects.toMatchObject({ code: REFUSED });
  await expect(change({ status: 'gone' })).rejects.toMatchObject({ code: REFUSED });
  await change({ status: 'expired' });
});
