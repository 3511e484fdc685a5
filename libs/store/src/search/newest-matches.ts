import { type Model, mongo, type QueryFilter } from 'mongoose';
import { keysBeginWith } from './search-keys.js';

interface Searched {
  _id: string;
  tenantId: string;
  searchKeys: string[];
}

export interface Search<T> {
  /** The tenant, and whatever else the two indexes hold. */
  filter: QueryFilter<T>;
  q: string;
  /** Id of the last row of the page before. */
  after: string | undefined;
  limit: number;
}

/** By `searchKeys` first, and by `_id` first; both hold all that a search may ask for, so that no document is looked at in vain. */
export interface SearchIndexes {
  byKey: string;
  byTime: string;
}

/** So many matches are read from the index and put in order here, a few milliseconds' work. */
const FEW = 5_000;
/** Many matches lie close together in time, mostly; if not, a walk along the time takes longer than to put them in order. */
const WALK_MS = 150;
const TOO_LONG = 50;

/**
 * The newest rows that a text finds. An index gives them by text or by time, not both: few are put in order by their ids, and
 * many are met soon on a walk through the ids. Either way ids alone are read until the page is known. [ADM-1]
 */
export const newestMatches = async <T extends Searched>(
  model: Model<T>,
  search: Search<T>,
  indexes: SearchIndexes,
): Promise<T[]> => {
  const ids = await newestIds(model, search, indexes);
  if (ids.length === 0) return [];
  const page = { ...search.filter, _id: { $in: ids } } as QueryFilter<T>;
  const rows = (await model.find(page, null, { hint: '_id_' }).lean()) as T[];
  return rows.sort(newestFirst);
};

const IDS = { _id: 1 } as const;

const newestFirst = (a: Searched, b: Searched): number => (a._id < b._id ? 1 : -1);

const newestIds = async <T extends Searched>(
  model: Model<T>,
  { filter, q, after, limit }: Search<T>,
  { byKey, byTime }: SearchIndexes,
): Promise<string[]> => {
  const matching = {
    ...filter,
    searchKeys: keysBeginWith(q),
    ...(after !== undefined && { _id: { $lt: after } }),
  } as QueryFilter<T>;
  const some = await model
    .find(matching, IDS, { hint: byKey, limit: FEW + 1, batchSize: FEW + 2 })
    .lean<Pick<Searched, '_id'>[]>();
  if (some.length <= FEW) {
    return some
      .map((row) => row._id)
      .sort()
      .reverse()
      .slice(0, limit);
  }
  const sorted = { sort: { _id: -1 as const }, limit };
  const rows = await model
    .find(matching, IDS, { ...sorted, hint: byTime, maxTimeMS: WALK_MS })
    .lean<Pick<Searched, '_id'>[]>()
    .catch((error: unknown) => {
      if (!(error instanceof mongo.MongoServerError && error.code === TOO_LONG)) throw error;
      return model.find(matching, IDS, { ...sorted, hint: byKey }).lean<Pick<Searched, '_id'>[]>();
    });
  return rows.map((row) => row._id);
};
