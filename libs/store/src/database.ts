import { type ClientSession, type Db, MongoClient } from 'mongodb';
import { asTransactionError } from './database-errors.js';
import { type Collections, COLLECTION_NAMES, collectionsOf, INDEXES } from './collections.js';

export type Session = ClientSession;

export interface ConnectOptions {
  uri: string;
  /** Shown in MongoDB's logs and `currentOp`. */
  appName: string;
  /** Overrides the URI's database name. */
  databaseName?: string;
  /** How long an operation waits for a reachable primary before it fails, ms. */
  serverSelectionTimeoutMs?: number;
}

/** The connection, its typed collections and its transactions. Everything is majority-committed: MongoDB is the only truth. */
export class Database {
  readonly collections: Collections;

  private constructor(
    readonly client: MongoClient,
    readonly db: Db,
  ) {
    this.collections = collectionsOf(db);
  }

  static async connect(options: ConnectOptions): Promise<Database> {
    const client = new MongoClient(options.uri, {
      appName: options.appName,
      writeConcern: { w: 'majority' },
      readConcern: { level: 'majority' },
      retryWrites: true,
      serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 5_000,
      ignoreUndefined: true,
    });
    await client.connect();
    return new Database(client, client.db(options.databaseName ?? (databaseOf(options.uri) || 'commissary')));
  }

  /**
   * Runs `work` in one snapshot transaction with a majority commit. It may run several times (write conflicts, elections):
   * nothing outside MongoDB may change in it.
   */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.client.withSession((session) =>
      session.withTransaction(() => work(session).catch(rethrown), {
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
      }),
    );
  }

  /** Creates collections and indexes that are missing; safe to run at every start and by several processes at once. */
  async migrate(): Promise<void> {
    const existing = new Set(
      (await this.db.listCollections({}, { nameOnly: true }).toArray()).map((c) => c.name),
    );
    await Promise.all(
      COLLECTION_NAMES.map(async (name) => {
        if (!existing.has(name)) await this.db.createCollection(name).catch(ignoreExisting);
        const indexes = INDEXES[name];
        if (indexes.length > 0) await this.db.collection(name).createIndexes(indexes);
      }),
    );
  }

  async ping(): Promise<void> {
    await this.db.command({ ping: 1 });
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

const rethrown = (error: unknown): never => {
  throw asTransactionError(error);
};

const NAMESPACE_EXISTS = 48;

const ignoreExisting = (error: unknown): void => {
  if ((error as { code?: number }).code !== NAMESPACE_EXISTS) throw error;
};

const databaseOf = (uri: string): string | undefined =>
  /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
