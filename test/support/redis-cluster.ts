import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HOST, Ports, REDIS_SERVER, resolveProgram, StackError } from '@commissary/stack';
import { Redis } from 'ioredis';
import { until } from './fixtures/operations.js';

const NODES = 3;
const SLOTS = 16_384;
/** A node of a cluster talks to the others on this many ports above its own. */
const BUS_OFFSET = 10_000;
const READY_WITHIN_MS = 60_000;

interface Node {
  port: number;
  child: ChildProcess;
  client: Redis;
}

/** Three redis-server processes in cluster mode, which share the slots. */
export class RedisCluster {
  private constructor(
    private readonly folder: string,
    private readonly nodes: readonly Node[],
  ) {}

  /** Resolves once every node says that the cluster is whole. */
  static async start(): Promise<RedisCluster> {
    const signal = AbortSignal.timeout(READY_WITHIN_MS);
    const { path: program } = await resolveProgram(REDIS_SERVER, { say: () => undefined, signal });
    const folder = mkdtempSync(path.join(tmpdir(), 'commissary-cluster-'));
    const ports = new Ports();
    const nodes: Node[] = [];
    const cluster = new RedisCluster(folder, nodes);
    try {
      for (let node = 0; node < NODES; node += 1) {
        nodes.push(startNode(program, path.join(folder, String(node)), await portWithBus(ports)));
      }
      await join(nodes);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** For REDIS_URL; names two of the three nodes, for a client learns of the others. */
  get url(): string {
    return `redis+cluster://${this.nodes
      .slice(0, 2)
      .map(({ port }) => `${HOST}:${port}`)
      .join(',')}`;
  }

  /** The keys that each node holds. */
  async keysByNode(): Promise<string[][]> {
    return Promise.all(this.nodes.map(({ client }) => client.keys('*')));
  }

  async stop(): Promise<void> {
    for (const { child, client } of this.nodes) {
      client.disconnect();
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const portWithBus = async (ports: Ports): Promise<number> => {
  for (;;) {
    const port = await ports.take('port', undefined);
    try {
      await ports.take('bus', port + BUS_OFFSET);
      return port;
    } catch (error) {
      if (!(error instanceof StackError)) throw error;
    }
  }
};

const startNode = (program: string, folder: string, port: number): Node => {
  mkdirSync(folder);
  const where = ['--bind', HOST, '--port', String(port), '--dir', folder];
  const child = spawn(program, [...where, '--cluster-enabled', 'yes', '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  const client = new Redis(port, HOST, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  return { port, child, client };
};

/** Each node takes its third of the slots and meets the first one. */
const join = async (nodes: readonly Node[]): Promise<void> => {
  const share = Math.ceil(SLOTS / nodes.length);
  for (const [place, { client, port }] of nodes.entries()) {
    const first = place * share;
    const count = Math.min(share, SLOTS - first);
    await client.cluster('ADDSLOTS', ...Array.from({ length: count }, (_, slot) => first + slot));
    await client.cluster('SET-CONFIG-EPOCH', place + 1);
    if (place > 0) await nodes[0]!.client.cluster('MEET', HOST, port);
  }
  for (const { client } of nodes) {
    await until(
      () => client.cluster('INFO'),
      (info) => info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`),
      READY_WITHIN_MS,
    );
  }
};
