import { type ClientSession, type Db, MongoClient } from 'mongodb';
import { asTransactionError, CommitOverdueError } from './database-errors.js';
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
  /** How long a single command may go unanswered although the server lives, ms; for ever unless given. */
  socketTimeoutMs?: number;
  /** How long a caller waits for the outcome of a commit, ms; as long as the driver (two minutes) unless given. */
  commitTimeoutMs?: number;
}

/**
 * A server that hangs (frozen, or behind a network that swallows everything) is noticed by its missing heartbeats, at the latest
 * after the sum of both: the driver then breaks off what waits for it, and whoever asks anew waits for another primary.
 */
const HEARTBEAT_EVERY_MS = 1_000;
const HEARTBEAT_OVERDUE_MS = 3_000;

/** The connection, its typed collections and its transactions. Everything is majority-committed: MongoDB is the only truth. */
export class Database {
  readonly collections: Collections;

  private constructor(
    readonly client: MongoClient,
    readonly db: Db,
    private readonly commitTimeoutMs: number | null,
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
      heartbeatFrequencyMS: HEARTBEAT_EVERY_MS,
      connectTimeoutMS: HEARTBEAT_OVERDUE_MS,
      socketTimeoutMS: options.socketTimeoutMs ?? 0,
      ignoreUndefined: true,
    });
    await client.connect();
    const db = client.db(options.databaseName ?? (databaseOf(options.uri) || 'commissary'));
    return new Database(client, db, options.commitTimeoutMs ?? null);
  }

  /**
   * Runs `work` in one snapshot transaction with a majority commit. It may run several times (write conflicts, elections):
   * nothing outside MongoDB may change in it. Throws `CommitOverdueError` where a time was set: it may still be committed then.
   */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const commit = new CommitDeadline(this.commitTimeoutMs);
    const result = this.client.withSession((session) =>
      session.withTransaction(
        async () => {
          commit.disarm();
          const outcome = await work(session).catch(rethrown);
          commit.arm();
          return outcome;
        },
        { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
      ),
    );
    return Promise.race([result, commit.overdue]).finally(() => commit.disarm());
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

/** The driver cannot be told when to give up a commit: it goes on by itself, and nobody waits for it any more. */
class CommitDeadline {
  readonly overdue: Promise<never>;
  private pass: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly ms: number | null) {
    this.overdue = new Promise((_resolve, reject) => {
      this.pass = () => reject(new CommitOverdueError());
    });
  }

  arm(): void {
    if (this.ms !== null) this.timer = setTimeout(this.pass, this.ms);
  }

  disarm(): void {
    clearTimeout(this.timer);
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
