import { parseRedisUrl, type RedisAddress } from '@commissary/platform';
import { Cluster, type ClusterOptions, Redis } from 'ioredis';

/** A connection to one Redis server or to a Redis Cluster. */
export type QueueConnection = Redis | Cluster;

interface Patience {
  /** Whether commands wait for a connection that is not there yet. */
  enableOfflineQueue: boolean;
  /** How often a command is sent again after a lost connection; null: until it is answered. */
  maxRetriesPerRequest: number | null;
  /** ms */
  connectTimeout: number;
}

/** A producer fails fast: a request must not wait for a Redis that is away. */
const PRODUCER: Patience = { enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 2_000 };

/** A worker is patient: it waits for Redis to come back, for as long as it takes. */
const WORKER: Patience = { enableOfflineQueue: true, maxRetriesPerRequest: null, connectTimeout: 10_000 };

/** The connection of a process's producers. `url`: see `parseRedisUrl`; throws for any other. */
export const producerConnection = (url: string): QueueConnection => {
  const address = parseRedisUrl(url);
  if (!address) throw new Error('REDIS_URL is no address of Redis');
  return quiet(
    address.kind === 'server'
      ? new Redis(address.url, { ...PRODUCER, retryStrategy })
      : new Cluster(address.nodes, clusterOptions(address)),
  );
};

/** A patient connection to where the producers' connection leads, for a worker. */
export const workerConnection = (producer: QueueConnection): QueueConnection =>
  quiet(
    producer instanceof Cluster
      ? producer.duplicate([], {
          enableOfflineQueue: WORKER.enableOfflineQueue,
          redisOptions: nodeOptions(WORKER),
        })
      : producer.duplicate(WORKER),
  );

const retryStrategy = (times: number): number => Math.min(100 * times, 1_000);

const nodeOptions = ({ maxRetriesPerRequest, connectTimeout }: Patience) => ({
  maxRetriesPerRequest,
  connectTimeout,
});

const clusterOptions = ({
  username,
  password,
  tls,
}: Extract<RedisAddress, { kind: 'cluster' }>): ClusterOptions => ({
  enableOfflineQueue: PRODUCER.enableOfflineQueue,
  clusterRetryStrategy: retryStrategy,
  redisOptions: { ...nodeOptions(PRODUCER), username, password, ...(tls && { tls: {} }) },
  // A certificate names hosts, so that with TLS the names that the cluster announces are kept and not looked up.
  ...(tls && { dnsLookup: (address, callback) => callback(null, address) }),
});

/** Without a listener ioredis prints each lost connection; those who use it are told by their commands' failures. */
const quiet = <C extends QueueConnection>(connection: C): C => {
  connection.on('error', () => undefined);
  return connection;
};
