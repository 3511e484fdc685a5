import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acrossTenants,
  COLLECTION_NAMES,
  COLLECTIONS,
  Database,
  migrate,
  type Model,
  TenancyError,
} from '@commissary/store';
import { testServices } from '../support/database.js';

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

type Row = { _id: string };
/** Mongoose types the options of each kind differently, and knows this one of none. */
type Options = Record<string, never> | undefined;

const OF_TENANTS = COLLECTION_NAMES.filter((name) => COLLECTIONS[name].owner === 'tenant');

const modelOf = (name: (typeof COLLECTION_NAMES)[number]): Model<Row> =>
  database.models[name] as unknown as Model<Row>;

/** Every way to ask a model for documents or to change them, each with a filter. Nothing matches, so that nothing changes. */
const KINDS: Record<string, (model: Model<Row>, filter: object, options: Options) => Promise<unknown>> = {
  find: (model, filter, options) => model.find(filter, null, options).lean().exec(),
  'find by cursor': (model, filter, options) => model.find(filter, null, options).lean().cursor().next(),
  findOne: (model, filter, options) => model.findOne(filter, null, options).lean().exec(),
  exists: (model, filter, options) =>
    model
      .exists(filter)
      .setOptions({ ...options })
      .exec(),
  countDocuments: (model, filter, options) => model.countDocuments(filter, options).exec(),
  distinct: (model, filter, options) => model.distinct('_id', filter, options).exec(),
  updateOne: (model, filter, options) => model.updateOne(filter, CHANGE, options).exec(),
  updateMany: (model, filter, options) => model.updateMany(filter, CHANGE, options).exec(),
  replaceOne: (model, filter, options) => model.replaceOne(filter, { _id: 'none' }, { ...options }).exec(),
  deleteOne: (model, filter, options) => model.deleteOne(filter, options).exec(),
  deleteMany: (model, filter, options) => model.deleteMany(filter, options).exec(),
  findOneAndUpdate: (model, filter, options) => model.findOneAndUpdate(filter, CHANGE, options).lean().exec(),
  findOneAndReplace: (model, filter, options) =>
    model.findOneAndReplace(filter, { _id: 'none' }, options).lean().exec(),
  findOneAndDelete: (model, filter, options) => model.findOneAndDelete(filter, options).lean().exec(),
  aggregate: (model, filter, options) => model.aggregate([{ $match: filter }], options).exec(),
  'aggregate by cursor': (model, filter, options) =>
    model
      .aggregate([{ $match: filter }], options)
      .cursor()
      .next(),
  'bulkWrite of an update': (model, filter, options) =>
    model.bulkWrite([{ updateOne: { filter, update: CHANGE } }] as never, options),
  'bulkWrite of a deletion': (model, filter, options) =>
    model.bulkWrite([{ deleteMany: { filter } }] as never, options),
};

const CHANGE = { $unset: { tenantId: 1 } };
const NOBODY = { _id: 'none' };

describe.each(OF_TENANTS)('the collection %s', (name) => {
  it.each(Object.keys(KINDS))('refuses a %s that does not fix the tenant', async (kind) => {
    const ask = (filter: object) => KINDS[kind]!(modelOf(name), filter, undefined);
    await expect(ask(NOBODY)).rejects.toThrow(TenancyError);
    await expect(ask({ ...NOBODY, tenantId: { $in: ['ten_a', 'ten_b'] } })).rejects.toThrow(TenancyError);
    await expect(ask({ $or: [{ ...NOBODY, tenantId: 'ten_a' }, NOBODY] })).rejects.toThrow(TenancyError);
  });

  it.each(Object.keys(KINDS))(
    'answers a %s of one tenant, and one that says why it crosses tenants',
    async (kind) => {
      const ask = (filter: object, options?: object) =>
        KINDS[kind]!(modelOf(name), filter, options as Options).then(
          () => 'answered',
          (error: unknown) => (error instanceof TenancyError ? 'refused' : 'answered'),
        );
      expect(await ask({ ...NOBODY, tenantId: 'ten_a' })).toBe('answered');
      expect(await ask(NOBODY, acrossTenants('this test'))).toBe('answered');
    },
  );

  it('refuses an estimated count, an insertion without a tenant, and an aggregation that leaves the collection', async () => {
    const model = modelOf(name);
    await expect(model.estimatedDocumentCount().exec()).rejects.toThrow(TenancyError);
    await expect(model.insertMany([NOBODY] as never, { lean: true })).rejects.toThrow(TenancyError);
    await expect(model.aggregate([]).exec()).rejects.toThrow(TenancyError);
    const lookup = { from: 'users', localField: '_id', foreignField: '_id', as: 'found' };
    const leaving = [{ $match: { tenantId: 'ten_a' } }, { $facet: { all: [{ $lookup: lookup }] } }];
    await expect(model.aggregate(leaving).exec()).rejects.toThrow(TenancyError);
  });
});

it('every collection whose documents name a tenant is owned by tenants', () => {
  const named = COLLECTION_NAMES.filter((name) => 'tenantId' in COLLECTIONS[name].schema.paths);
  expect(OF_TENANTS).toEqual(named);
});

it('a read that is not lean is refused', async () => {
  await expect(database.models.tenants.findOne({}).exec()).rejects.toThrow('is not lean');
  await expect(database.models.users.find({ tenantId: 'ten_a' }).exec()).rejects.toThrow('is not lean');
});

it('a field that no schema knows is refused, in a filter and in a change', async () => {
  const { users } = database.models;
  const unknown = { tenantId: 'ten_a', $where: '1', nickname: 'x' };
  await expect(
    users
      .findOne({ ...unknown })
      .lean()
      .exec(),
  ).rejects.toThrow();
  await expect(users.updateOne({ tenantId: 'ten_a' }, { $set: { nickname: 'x' } }).exec()).rejects.toThrow(
    'nickname',
  );
});
