import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AuditReport, QueueView, runAudit } from '@commissary/audit';
import { SimulatorJournal } from '@commissary/payments';
import { type RunningStack, type StackFile, startStack } from '@commissary/stack';
import { Database } from '@commissary/store';
import { SeededRandom } from '../../support/seeded-random.js';
import { bigMove, seedBigMove } from './big-move.js';
import { Cast } from './cast.js';
import { type Counts, Gateways, newCounts } from './client.js';
import { Extras } from './extras.js';
import { harm, heal, Outside } from './faults.js';
import { Load } from './load.js';
import { Model } from './model.js';
import { type Quiet, quiet } from './quiet.js';
import { Terms } from './terms.js';
import { type Before, compare, whatIsThere } from './verdict.js';
import type { Tenant } from './world.js';

export interface ChaosOptions {
  seed: number;
  seconds: number;
  /** Whether the databases of a failed run are kept. */
  keep: boolean;
  /** Receives a line for each fault as it happens. */
  say: (line: string) => void;
  signal: AbortSignal;
}

export interface ChaosReport {
  ok: boolean;
  seed: number;
  seconds: number;
  actions: Record<string, number>;
  faults: Record<string, number>;
  requests: Counts;
  refusals: Record<string, number>;
  accepted: number;
  quiet: Quiet;
  violations: AuditReport['violations'];
  notChecked: string[];
  /** Waits that took longer than the runner allows; a slow machine may explain them. */
  timeLimits: string[];
  /** Where the database or the provider's books differ from what was answered. */
  differences: string[];
}

const BIG_MOVE_USERS = 20_000;
const QUIET_WITHIN_MS = 180_000;
/** How long a request may still go unanswered after the faults have ended. */
const ANSWERS_WITHIN_MS = 60_000;

/** Starts a stack of its own, injects faults under load, ends them, and compares what the stack then holds with what was answered. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const runDir = mkdtempSync(path.join(tmpdir(), 'commissary-chaos-'));
  const stack = await startStack({ runDir, signal: options.signal });
  let isWrong = true;
  try {
    const report = await withDatabase(stack.describe(), (database) => chaosOn(stack, database, options));
    isWrong = !report.ok;
    return report;
  } finally {
    await stack.stop();
    if (!isWrong || !options.keep)
      rmSync(isWrong ? path.join(runDir, 'data') : runDir, { recursive: true, force: true });
    if (isWrong && !options.signal.aborted) options.say(`what is left is in ${runDir}`);
  }
};

const chaosOn = async (
  stack: RunningStack,
  database: Database,
  options: ChaosOptions,
): Promise<ChaosReport> => {
  const { seed, seconds, signal, say } = options;
  const random = new SeededRandom(seed);
  const counts = newCounts();
  const model = new Model();
  const at = stack.describe();
  const terms = new Terms(database, at.redisUrl ?? '', model);
  let endsAt = Infinity;
  const gateways = new Gateways(at.gatewayUrl ?? '');
  const cast = new Cast(at, gateways, counts, () => endsAt + ANSWERS_WITHIN_MS, model);
  const tenants = await cast.gather();
  const operator = await cast.operator();
  const [first] = tenants as [Tenant];
  const big = await seedBigMove(stack.runDir, first.domain, BIG_MOVE_USERS);
  const before = await whatIsThere(database);
  endsAt = performance.now() + seconds * 1_000;
  const isOver = (): boolean => performance.now() > endsAt || signal.aborted;

  const outside = new Outside(stack, new Extras(stack, gateways, say), say);
  const faults: Record<string, number> = {};
  const load = new Load(tenants, model, random, isOver, terms);
  const moving = await bigMove(load.acting(first, 'big move'), database, big, BIG_MOVE_USERS);
  load.watch(moving());
  const harming = harm(outside, random.fork('faults'), isOver, (name) => {
    faults[name] = (faults[name] ?? 0) + 1;
    say(name);
  });
  try {
    await Promise.all([load.run(), harming.then(() => heal(outside))]);
  } finally {
    outside.extras.endAll();
  }
  signal.throwIfAborted();
  say('healed; waiting for quiet');
  await gatewayAnswers(at);
  endsAt = performance.now() + QUIET_WITHIN_MS;
  const state = await quiet(database, operator, terms, QUIET_WITHIN_MS);
  await load.watched();
  await terms.close();
  const found = { quiet: state, ...(await judge(at, model, database, before)) };
  const internal = counts.internal.map((each) => `answered 500: ${each}`);
  const differences = [...internal, ...load.failures, ...found.differences];
  const timeLimits = [
    ...load.unanswered.map((each) => `no answer: ${each}`),
    ...(state.isQuiet ? [] : [`work was left after ${state.seconds} s`]),
  ];
  const { violations, notChecked } = found;
  const ok = violations.length + notChecked.length + differences.length + timeLimits.length === 0;
  const summary = { actions: load.done, faults, requests: counts, refusals: model.refusals, timeLimits };
  return { ok, seed, seconds, ...summary, accepted: model.operations.length, ...found, differences };
};

const gatewayAnswers = async ({ gatewayUrl }: StackFile): Promise<void> => {
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`${gatewayUrl ?? ''}/readyz`).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await delay(100);
  }
};

const withDatabase = async <T>(
  { mongoUri }: StackFile,
  work: (database: Database) => Promise<T>,
): Promise<T> => {
  const database = await Database.connect({ uri: mongoUri ?? '', appName: 'commissary-chaos' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
};

/** Runs the audit and then the comparison with what was answered. */
const judge = async (at: StackFile, model: Model, database: Database, before: Before) => {
  const queues = await QueueView.connect(at.redisUrl ?? '', 'commissary');
  const journal = new SimulatorJournal(at.paymentsUrl ?? '');
  const { violations, notChecked } = await runAudit({ database, queues, journal }).finally(() =>
    queues.close(),
  );
  const texts = violations.map(({ subject, detail }) => `${subject} ${detail}`);
  return { violations, notChecked, differences: await compare(model, database, journal, before, texts) };
};
