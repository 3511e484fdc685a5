/** mongod as a one-member replica set, so that transactions and change streams work as in production. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { MongoClient, MongoServerError } from 'mongodb';
import { StackError } from '../stack-error.js';
import type { ProcessSpec } from './managed-process.js';
import { HOST } from './ports.js';

const REPLICA_SET = 'rs0';
const CACHE_GB = '1';
const NOT_YET_INITIALIZED = 94;

/** What `replSetGetConfig` says, as far as it matters here. */
interface ReplicaSetConfig {
  _id: string;
  version: number;
  members: { _id: number; host: string }[];
}

export const mongoUriOf = (port: number): string =>
  `mongodb://${HOST}:${port}/commissary?replicaSet=${REPLICA_SET}`;

const configOf = async (client: MongoClient): Promise<ReplicaSetConfig | null> => {
  try {
    const answer = await client.db('admin').command({ replSetGetConfig: 1 });
    return answer['config'] as ReplicaSetConfig;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED) return null;
    throw error;
  }
};

/** Makes the set if there is none; tells a set that was kept from another port where it is now. */
const ensureReplicaSet = async (client: MongoClient, host: string): Promise<void> => {
  const config = await configOf(client);
  if (config === null) {
    await client.db('admin').command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
  } else if (config.members[0]?.host !== host) {
    const moved = {
      ...config,
      version: config.version + 1,
      members: [{ ...config.members[0], _id: 0, host }],
    };
    await client.db('admin').command({ replSetReconfig: moved, force: true });
  }
};

/** True once it is the primary. */
const isPrimary = async (port: number): Promise<boolean> => {
  const client = new MongoClient(`mongodb://${HOST}:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
  });
  try {
    await ensureReplicaSet(client, `${HOST}:${port}`);
    const hello = await client.db('admin').command({ hello: 1 });
    return hello['isWritablePrimary'] === true;
  } finally {
    await client.close();
  }
};

export const mongodSpec = (program: string, port: number, data: string): ProcessSpec => {
  const dbPath = path.join(data, 'mongod');
  mkdirSync(dbPath, { recursive: true });
  const where = ['--dbpath', dbPath, '--port', String(port), '--bind_ip', HOST, '--nounixsocket'];
  const how = ['--replSet', REPLICA_SET, '--wiredTigerCacheSizeGB', CACHE_GB, '--oplogSize', '2048'];
  const settings = [
    'diagnosticDataCollectionEnabled=false',
    // One member has nobody to hand over to: a stop need not wait for that.
    'shutdownTimeoutMillisForSignaledShutdown=100',
    // A killed process leaves its transaction open, and what it wrote locked: for no longer than a lease holds.
    'transactionLifetimeLimitSeconds=5',
  ];
  return {
    name: 'mongod',
    command: program,
    args: [...where, ...how, ...settings.flatMap((setting) => ['--setParameter', setting])],
    env: process.env,
    ready: () => isPrimary(port),
  };
};

const GIVEN_TIMEOUT_MS = 5_000;

/** Throws `StackError` unless a replica set (or a sharded cluster) answers at the `MONGODB_URI` that was given. */
export const checkGivenMongo = async (uri: string): Promise<void> => {
  let hello: Record<string, unknown>;
  try {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: GIVEN_TIMEOUT_MS });
    try {
      hello = await client.db('admin').command({ hello: 1 });
    } finally {
      await client.close();
    }
  } catch (error) {
    throw new StackError(
      `MongoDB at MONGODB_URI does not answer (${(error as Error).message}): start it, correct the variable, or unset it to have one started.`,
    );
  }
  if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return;
  throw new StackError(
    'MongoDB at MONGODB_URI is no replica set, which transactions need: start it with --replSet and run rs.initiate(), or unset the variable.',
  );
};
