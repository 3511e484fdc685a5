/** The embedded stack: programs found, processes started in order, sample tenants loaded, addresses published. [RUN-2] */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { QUEUES } from '@commissary/contracts';
import { MONGOD, REDIS_SERVER } from '../binaries/program.js';
import { ProgramMissing, type ResolvedProgram, resolveProgram } from '../binaries/resolve-program.js';
import { loadSampleTenants } from '../fixtures/sample-tenants.js';
import { defaultRunDir } from '../paths.js';
import { StackError } from '../stack-error.js';
import type { ProcessSpec } from './managed-process.js';
import { checkGivenMongo, mongodSpec, mongoUriOf } from './mongod.js';
import { chooseParts, type Part } from './parts.js';
import { HOST, Ports } from './ports.js';
import { checkGivenRedis, redisSpec, redisUrlOf } from './redis-server.js';
import { openRunFolder, type RunFolderPaths } from './run-folder.js';
import { gatewaySpec, issuerSpec, mailSpec, paymentsSpec, workerSpec } from './services.js';
import type { StackAddresses, StackFile } from './stack-file.js';
import { Supervisor } from './supervisor.js';

/** Free ports unless given. */
export type PortName = 'gateway' | 'mongod' | 'redis' | 'payments' | 'mail' | 'smtp' | 'issuer';

export interface StackOptions {
  /** Where `stack.json` and the logs go; `COMMISSARY_RUN_DIR` or `.run` unless given. */
  runDir?: string;
  /** Where data is kept between starts; without it the data is in the run folder and cleared at each start. */
  dataDir?: string;
  /** Names of parts (`stack.json`'s, or `workers`); all unless given. */
  only?: readonly string[];
  /** Starts a process again that died; true unless given. */
  restart?: boolean;
  ports?: Partial<Record<PortName, number>>;
  /** Told what is being done, a line each. */
  say?: (line: string) => void;
  /** Aborted while the stack starts: everything is stopped, the promise rejects. */
  signal?: AbortSignal;
}

export interface RunningStack {
  runDir: string;
  /** As `stack.json` has it now. */
  describe: () => StackFile;
  /** Ends every process, in reverse order; resolves when none is left. */
  stop: () => Promise<void>;
  /** Ends those that are still stopping at once. */
  killAll: () => void;
}

/** The flag that names each port. */
export const PORT_FLAGS: Record<PortName, string> = {
  gateway: '--port',
  mongod: '--mongod-port',
  redis: '--redis-port',
  payments: '--payments-port',
  mail: '--mail-port',
  smtp: '--smtp-port',
  issuer: '--issuer-port',
};

interface Plan {
  parts: ReadonlySet<Part>;
  ports: Record<PortName, number>;
  /** `MONGODB_URI` and `REDIS_URL`, if they were given. */
  given: { mongo: string | null; redis: string | null };
  addresses: StackAddresses;
}

const choosePorts = async (wanted: StackOptions['ports']): Promise<Record<PortName, number>> => {
  const ports = new Ports();
  const chosen: Partial<Record<PortName, number>> = {};
  // The given ones first, so that no free one is taken from them.
  const names = (Object.keys(PORT_FLAGS) as PortName[]).sort(
    (a, b) => Number(wanted?.[a] === undefined) - Number(wanted?.[b] === undefined),
  );
  for (const name of names) chosen[name] = await ports.take(PORT_FLAGS[name], wanted?.[name]);
  return chosen as Record<PortName, number>;
};

const makePlan = async (options: StackOptions): Promise<Plan> => {
  const parts = chooseParts(options.only);
  const ports = await choosePorts(options.ports);
  const given = { mongo: process.env['MONGODB_URI'] || null, redis: process.env['REDIS_URL'] || null };
  const at = (part: Part, url: string): string | null => (parts.has(part) ? url : null);
  const addresses = {
    gatewayUrl: at('gateway', `http://${HOST}:${ports.gateway}`),
    mongoUri: at('mongod', given.mongo ?? mongoUriOf(ports.mongod)),
    redisUrl: at('redis-server', given.redis ?? redisUrlOf(ports.redis)),
    smtpUrl: at('mail', `smtp://${HOST}:${ports.smtp}`),
    mailUrl: at('mail', `http://${HOST}:${ports.mail}`),
    issuer: at('issuer', `http://${HOST}:${ports.issuer}`),
    paymentsUrl: at('payments', `http://${HOST}:${ports.payments}`),
  };
  return { parts, ports, given, addresses };
};

type Say = (line: string) => void;

/** mongod and redis-server, unless ones that run already were given. */
const storeSpecs = async (
  plan: Plan,
  data: string,
  say: Say,
  signal: AbortSignal,
): Promise<ProcessSpec[]> => {
  const { parts, ports, given } = plan;
  const found = ({ path: file, version, source }: ResolvedProgram): string => {
    say(`${path.basename(file)} ${version} (${source})`);
    return file;
  };
  const specs: ProcessSpec[] = [];
  if (parts.has('mongod') && given.mongo !== null) {
    await checkGivenMongo(given.mongo);
    say('MongoDB at MONGODB_URI');
  } else if (parts.has('mongod')) {
    specs.push(mongodSpec(found(await resolveProgram(MONGOD, { say, signal })), ports.mongod, data));
  }
  if (parts.has('redis-server') && given.redis !== null) {
    await checkGivenRedis(given.redis);
    say('Redis at REDIS_URL');
  } else if (parts.has('redis-server')) {
    specs.push(redisSpec(found(await resolveProgram(REDIS_SERVER, { say, signal })), ports.redis, data));
  }
  return specs;
};

const standInSpecs = ({ parts, ports, addresses }: Plan, data: string): ProcessSpec[] => [
  ...(parts.has('payments') ? [paymentsSpec(ports.payments, data)] : []),
  ...(parts.has('mail') ? [mailSpec(ports.mail, ports.smtp)] : []),
  ...(parts.has('issuer') ? [issuerSpec(ports.issuer, addresses.mongoUri ?? '', data)] : []),
];

/** Signs the dashboards' session cookies; kept with the data, so that a restart signs nobody out. */
const sessionSecret = (data: string): string => {
  const file = path.join(data, 'session-secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
};

const appSpecs = async ({ parts, ports, addresses }: Plan, data: string): Promise<ProcessSpec[]> => {
  const specs = parts.has('gateway') ? [gatewaySpec(ports.gateway, addresses, sessionSecret(data))] : [];
  const free = new Ports();
  for (const queue of QUEUES) {
    const name = `worker:${queue}` as const;
    if (!parts.has(name)) continue;
    specs.push(workerSpec(name, queue, await free.take('', undefined), addresses));
  }
  return specs;
};

const startParts = async (
  plan: Plan,
  supervisor: Supervisor,
  { data }: RunFolderPaths,
  say: Say,
  signal: AbortSignal,
): Promise<void> => {
  const stores = await storeSpecs(plan, data, say, signal);
  const standIns = standInSpecs(plan, data);
  const apps = await appSpecs(plan, data);
  if (stores.length > 0) say(`Starting ${stores.map(({ name }) => name).join(', ')}`);
  await supervisor.startAll(stores, signal);
  if (standIns.length > 0) say(`Starting ${standIns.map(({ name }) => name).join(', ')}`);
  const { mongoUri } = plan.addresses;
  const needsTenants = plan.parts.has('issuer') || apps.length > 0;
  await Promise.all([
    supervisor.startAll(standIns, signal),
    needsTenants && mongoUri !== null ? loadSampleTenants(mongoUri, say) : undefined,
  ]);
  if (apps.length > 0) say(`Starting ${apps.map(({ name }) => name).join(', ')}`);
  await supervisor.startAll(apps, signal);
};

/** Resolves when everything answers. Throws `StackError` (one sentence, nothing left running) if something cannot be had. */
export const startStack = async (options: StackOptions = {}): Promise<RunningStack> => {
  const { say = () => undefined, signal = new AbortController().signal, restart = true } = options;
  const runDir = path.resolve(options.runDir ?? defaultRunDir());
  const plan = await makePlan(options);
  const paths = await openRunFolder(runDir, options.dataDir);
  const supervisor = new Supervisor(paths, { restart, say });
  try {
    await startParts(plan, supervisor, paths, say, signal);
  } catch (error) {
    await supervisor.stop();
    throw error instanceof ProgramMissing ? new StackError(error.message) : error;
  }
  supervisor.publish(plan.addresses);
  return {
    runDir,
    describe: () => supervisor.stackFile(),
    stop: () => supervisor.stop(),
    killAll: () => supervisor.killAll(),
  };
};
