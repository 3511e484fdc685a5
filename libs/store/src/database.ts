import { type ClientSession, type Connection, Mongoose } from 'mongoose';
import { asTransactionError, CommitOverdueError } from './database-errors.js';
import { COLLECTION_NAMES, type CollectionName, COLLECTIONS, type Models } from './collections/registry.js';

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
  /** Makes the driver tell of each command, for tests that count them. */
  monitorCommands?: boolean;
}

/**
 * A server that hangs (frozen, or behind a network that swallows everything) is noticed by its missing heartbeats, at the latest
 * after the sum of both: the driver then breaks off what waits for it, and whoever asks anew waits for another primary.
 */
const HEARTBEAT_EVERY_MS = 1_000;
const HEARTBEAT_OVERDUE_MS = 3_000;

/**
 * Within a transaction mongoose gives its session to every query and write of a model that names none, so that none of them
 * is left out by mistake. One that names `session: null` is about the moment outside the transaction.
 */
const mongoose = new Mongoose({
  transactionAsyncLocalStorage: true,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
  strict: 'throw',
  strictQuery: 'throw',
  setDefaultsOnInsert: false,
});

/** The connection, a model for each collection, and transactions. Everything is majority-committed: MongoDB is the only truth. */
export class Database {
  readonly models: Models;

  private constructor(
    readonly connection: Connection,
    private readonly commitTimeoutMs: number | null,
  ) {
    this.models = modelsOf(connection);
  }

  /** Rejects where MongoDB cannot be reached in time. */
  static async connect(options: ConnectOptions): Promise<Database> {
    const connection = mongoose.createConnection(options.uri, {
      dbName: options.databaseName ?? (databaseOf(options.uri) || 'commissary'),
      appName: options.appName,
      writeConcern: { w: 'majority' },
      readConcern: { level: 'majority' },
      retryWrites: true,
      serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 5_000,
      heartbeatFrequencyMS: HEARTBEAT_EVERY_MS,
      connectTimeoutMS: HEARTBEAT_OVERDUE_MS,
      socketTimeoutMS: options.socketTimeoutMs ?? 0,
      ignoreUndefined: true,
      monitorCommands: options.monitorCommands ?? false,
    });
    await connection.asPromise();
    return new Database(connection, options.commitTimeoutMs ?? null);
  }

  /**
   * Runs `work` in one snapshot transaction with a majority commit. It may run several times (write conflicts, elections):
   * nothing outside MongoDB may change in it. Throws `CommitOverdueError` where a time was set: it may still be committed then.
   */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const commit = new CommitDeadline(this.commitTimeoutMs);
    const result = this.connection.transaction(
      async (session) => {
        commit.disarm();
        const outcome = await work(session).catch(rethrown);
        commit.arm();
        return outcome;
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    );
    return Promise.race([result, commit.overdue]).finally(() => commit.disarm());
  }

  /** Collections that there are, with their validators. */
  async existingCollections(): Promise<{ name: string; validator: object | null }[]> {
    const found = await this.db.listCollections().toArray();
    return found.map(({ name, ...info }) => ({
      name,
      validator: (info as { options?: { validator?: object } }).options?.validator ?? null,
    }));
  }

  /** Does nothing where the collection exists. */
  async createCollection(name: CollectionName, validator: object | null): Promise<void> {
    await this.db.createCollection(name, { ...(validator && { validator }) }).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    });
  }

  /** Has MongoDB refuse each document of the collection that does not match, whatever writes it. */
  async setValidator(name: CollectionName, validator: object): Promise<void> {
    await this.db.command({ collMod: name, validator, validationLevel: 'strict' });
  }

  /** The server's own time. */
  async serverTime(): Promise<Date> {
    const { localTime } = await this.command({ hello: 1 });
    return localTime as Date;
  }

  async ping(): Promise<void> {
    await this.command({ ping: 1 });
  }

  private get db() {
    const { db } = this.connection;
    if (!db) throw new Error('the connection is not open');
    return db;
  }

  private command(command: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.connection.getClient().db('admin').command(command);
  }

  async close(): Promise<void> {
    await this.connection.close();
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

const modelsOf = (connection: Connection): Models =>
  Object.fromEntries(
    COLLECTION_NAMES.map((name) => [name, connection.model(name, COLLECTIONS[name].schema as never)]),
  ) as unknown as Models;

const databaseOf = (uri: string): string | undefined =>
  /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
