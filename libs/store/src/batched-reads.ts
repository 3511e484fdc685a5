/**
 * Reads of single documents, gathered: whoever asks while a read is under way shares the next one with all who ask meanwhile. Each
 * caller's read begins after it asked, so that what it gets is as fresh as from a read of its own; one who is alone does not wait.
 */
export class BatchedReads<T> {
  private next: { ids: Set<string>; found: Promise<ReadonlyMap<string, T>> } | null = null;
  private last: Promise<unknown> = Promise.resolve();

  /** `read` gives what there is of these ids, by id. */
  constructor(private readonly read: (ids: string[]) => Promise<ReadonlyMap<string, T>>) {}

  /** Null if there is none. Rejects if the read failed, for all who share it. */
  async get(id: string): Promise<T | null> {
    this.next ??= this.begin();
    const { ids, found } = this.next;
    ids.add(id);
    return (await found).get(id) ?? null;
  }

  private begin() {
    const ids = new Set<string>();
    const found = this.last.then(() => {
      this.next = null;
      return this.read([...ids]);
    });
    this.last = found.catch(() => undefined);
    return { ids, found };
  }
}

/** The same for documents of tenants: only a document of the very tenant that was asked for is given. */
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
