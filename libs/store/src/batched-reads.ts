import DataLoader from 'dataloader';
import { acrossTenants } from './schema/tenancy.js';

/**
 * The options of a read that callers of several tenants may share: each is given its own tenant's document alone. It is outside
 * the transaction that one of the callers may be in.
 */
export const BATCHED_READ = { session: null, ...acrossTenants('batched read: each caller gets its own') };

/**
 * Reads of single documents, batched: all who ask while a read is under way share the next one. A caller's read begins after
 * it asked, so that what it gets is as fresh as from a read of its own; a caller who is alone does not wait.
 */
export class BatchedReads<T> {
  private readonly loader: DataLoader<string, T | null>;
  private last: Promise<unknown> = Promise.resolve();

  /** `read` gives the documents that exist, by their ids. */
  constructor(read: (ids: string[]) => Promise<ReadonlyMap<string, T>>) {
    this.loader = new DataLoader(
      async (ids) => {
        const found = read([...new Set(ids)]);
        this.last = found.catch(() => undefined);
        const byId = await found;
        return ids.map((id) => byId.get(id) ?? null);
      },
      { cache: false, batchScheduleFn: (dispatch) => void this.last.then(dispatch) },
    );
  }

  /** Null if there is no such document. Rejects for all who share a read that failed. */
  get(id: string): Promise<T | null> {
    return this.loader.load(id);
  }
}

/** The same for documents of tenants: a caller is given a document only if it belongs to the tenant that it named. */
export class BatchedTenantReads<T extends { _id: string; tenantId: string }> {
  private readonly reads: BatchedReads<T>;

  /** `find` gives the documents with one of these ids and one of these tenants. */
  constructor(find: (ids: string[], tenantIds: string[]) => Promise<T[]>) {
    this.reads = new BatchedReads(async (keys) => {
      const asked = keys.map((key) => key.split(' ') as [string, string]);
      const rows = await find(
        asked.map(([, id]) => id),
        [...new Set(asked.map(([tenantId]) => tenantId))],
      );
      return new Map(rows.map((row) => [keyOf(row.tenantId, row._id), row]));
    });
  }

  get(tenantId: string, id: string): Promise<T | null> {
    return this.reads.get(keyOf(tenantId, id));
  }
}

const keyOf = (tenantId: string, id: string): string => `${tenantId} ${id}`;
