import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database, migrate } from '@commissary/store';
import { newId } from '@commissary/platform';
import { testServices } from '../support/database.js';
import { aLicense } from '../support/documents.js';
import { collectionsOf } from '../support/driver.js';

const services = testServices();
let database: Database;

beforeAll(async () => {
  database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
  await migrate(database, { holder: 'test' });
});

afterAll(async () => {
  await database.close();
  await services.remove();
});

const UNDONE = new Error('undone');

const inTransaction = (work: () => Promise<unknown>) =>
  expect(
    database.transaction(async () => {
      await work();
      throw UNDONE;
    }),
  ).rejects.toBe(UNDONE);

const newLicense = (tenantId: string) =>
  aLicense({ _id: newId('sub'), tenantId, productId: 'CFQ7TTC0H9MP' }, newId('usr'));

const aStoredLicense = async () => {
  const license = newLicense(newId('ten'));
  await collectionsOf(database).licenses.insertOne(license);
  return license;
};

const storedNow = (_id: string) => collectionsOf(database).licenses.findOne({ _id });

it('undoes every kind of write that names no session, or an undefined one', async () => {
  const { licenses } = database.models;
  const kept = await aStoredLicense();
  const { _id, tenantId } = kept;
  const change = { $set: { productId: 'changed' } };
  await inTransaction(() => licenses.updateOne({ _id, tenantId }, change));
  await inTransaction(() => licenses.updateOne({ _id, tenantId }, change, { session: undefined }));
  await inTransaction(() => licenses.updateMany({ tenantId }, change));
  await inTransaction(() => licenses.findOneAndUpdate({ _id, tenantId }, change).lean());
  await inTransaction(() => licenses.findOneAndDelete({ _id, tenantId }).lean());
  await inTransaction(() => licenses.deleteOne({ _id, tenantId }));
  await inTransaction(() => licenses.deleteMany({ tenantId }));
  await inTransaction(() => licenses.bulkWrite([{ deleteOne: { filter: { _id, tenantId } } }]));
  expect(await storedNow(_id)).toEqual(kept);
  const another = newLicense(tenantId);
  await inTransaction(() => licenses.insertMany([another], { lean: true }));
  expect(await storedNow(another._id)).toBeNull();
});

it('reads what the transaction has written, unless the read says that it is outside of it', async () => {
  const { licenses } = database.models;
  const { _id, tenantId } = await aStoredLicense();
  await inTransaction(async () => {
    await licenses.deleteOne({ _id, tenantId });
    expect(await licenses.countDocuments({ tenantId })).toBe(0);
    expect(await licenses.aggregate([{ $match: { tenantId } }])).toEqual([]);
    expect(await licenses.findOne({ _id, tenantId }, null, { session: null }).lean()).not.toBeNull();
  });
});

it('keeps transactions that run at once apart', async () => {
  const { licenses } = database.models;
  const [first, second] = [await aStoredLicense(), await aStoredLicense()];
  const set = (license: typeof first, productId: string) =>
    database.transaction(async () => {
      await licenses.updateOne({ _id: license._id, tenantId: license.tenantId }, { $set: { productId } });
    });
  await Promise.all([set(first, 'one'), set(second, 'two')]);
  expect((await storedNow(first._id))?.productId).toBe('one');
  expect((await storedNow(second._id))?.productId).toBe('two');
});
