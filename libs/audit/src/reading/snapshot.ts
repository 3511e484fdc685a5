import {
  acrossTenants,
  type ClientSession,
  type CollectionName,
  type Database,
  type DocumentOf,
  type Model,
  type PipelineStage,
  type QueryFilter,
} from '@commissary/store';

export type Fields<N extends CollectionName, K extends keyof DocumentOf<N>> = Pick<
  DocumentOf<N>,
  K | ('_id' & keyof DocumentOf<N>)
>;

interface Query<N extends CollectionName, K extends keyof DocumentOf<N>> {
  fields: readonly K[];
  where?: QueryFilter<DocumentOf<N>>;
  sort?: Record<string, 1 | -1>;
}

/** Documents that travel at once: few enough for flat memory, many enough for few round trips. */
const BATCH_SIZE = 2_000;

/** Streaming reads of MongoDB that all see the same moment, whatever runs beside them. [OPS-5] */
export class Snapshot {
  private constructor(
    private readonly database: Database,
    private readonly session: ClientSession,
  ) {}

  /** Runs `work` on a snapshot of its own; the server keeps one for 5 minutes. */
  static async with<T>(database: Database, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const session = await database.connection.startSession({ snapshot: true });
    try {
      return await work(new Snapshot(database, session));
    } finally {
      await session.endSession();
    }
  }

  /** Documents with the named fields only, a batch of the driver's in memory at a time. */
  find<N extends CollectionName, K extends keyof DocumentOf<N>>(
    name: N,
    { fields, where, sort }: Query<N, K>,
  ): AsyncIterable<Fields<N, K>> {
    const projection = Object.fromEntries(
      ['_id', ...(fields as readonly string[])].map((field) => [field, 1]),
    );
    const options = { ...this.options(), sort, allowDiskUse: true, batchSize: BATCH_SIZE };
    const rows = this.modelOf(name)
      .find(where ?? {}, projection, options)
      .lean()
      .cursor();
    return rows as unknown as AsyncIterable<Fields<N, K>>;
  }

  aggregate<T>(name: CollectionName, pipeline: PipelineStage[]): AsyncIterable<T> {
    return this.modelOf(name)
      .aggregate<T>(pipeline, { ...this.options(), allowDiskUse: true })
      .cursor({ batchSize: BATCH_SIZE });
  }

  /** Those of the ids that exist, by id. For a batch of ids at a time. */
  async byIds<N extends CollectionName, K extends keyof DocumentOf<N>>(
    name: N,
    ids: Iterable<string | null>,
    fields: readonly K[],
  ): Promise<ReadonlyMap<string, Fields<N, K>>> {
    const wanted = [...new Set(ids)].filter((id) => id !== null);
    const found = new Map<string, Fields<N, K>>();
    if (wanted.length === 0) return found;
    const where = { _id: { $in: wanted } } as unknown as QueryFilter<DocumentOf<N>>;
    for await (const document of this.find(name, { fields, where })) {
      found.set((document as unknown as { _id: string })._id, document);
    }
    return found;
  }

  async count<N extends CollectionName>(name: N, where?: QueryFilter<DocumentOf<N>>): Promise<number> {
    return this.modelOf(name).countDocuments(where ?? {}, this.options());
  }

  // A fresh object each: the driver writes the snapshot's time into it.
  private options() {
    return {
      session: this.session,
      readConcern: { level: 'snapshot' as const },
      ...acrossTenants('audit: every invariant of every tenant'),
    };
  }

  /** The types of a query do not follow a collection that is not known yet. */
  private modelOf(name: CollectionName): Model<object> {
    return this.database.models[name] as unknown as Model<object>;
  }
}
