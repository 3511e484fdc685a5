import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AuditReport, QueueView, runAudit } from '@commissary/audit';
import { SimulatorJournal } from '@commissary/payments';
import { type RunningStack, type StackFile, startStack } from '@commissary/stack';
import { Database } from '@commissary/store';
import { SeededRandom } from '../../support/seeded-random.js';
import { act, type ActionName, ADMINS, BUYERS } from './actions.js';
import { bigMove, seedBigMove } from './big-move.js';
import { gather, operatorOf } from './cast.js';
import { type Counts, newCounts } from './client.js';
import { harm, heal, Outside } from './faults.js';
import { Model } from './model.js';
import { type Quiet, quiet } from './quiet.js';
import { compare } from './verdict.js';
import type { Acting, Tenant } from './world.js';

export interface ChaosOptions {
  seed: number;
  seconds: number;
  /** Told of each fault as it happens. */
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
  /** Where what is there differs from what was answered. */
  differences: string[];
}

const BUYERS_PER_TENANT = 2;
const BIG_MOVE_USERS = 20_000;
const QUIET_WITHIN_MS = 180_000;
/** After the harm is over, how long a request may still go unanswered. */
const ANSWERS_WITHIN_MS = 60_000;

/** Starts a stack of its own, harms it under load, heals it, and holds what is there against what was answered. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const runDir = mkdtempSync(path.join(tmpdir(), 'commissary-chaos-'));
  const stack = await startStack({ runDir, signal: options.signal });
  let isWrong = true;
  try {
    const report = await chaosOn(stack, options);
    isWrong = !report.ok;
    return report;
  } finally {
    await stack.stop();
    rmSync(isWrong ? path.join(runDir, 'data') : runDir, { recursive: true, force: true });
    if (isWrong && !options.signal.aborted) options.say(`the logs are kept in ${path.join(runDir, 'logs')}`);
  }
};

const chaosOn = async (stack: RunningStack, options: ChaosOptions): Promise<ChaosReport> => {
  const { seed, seconds, signal } = options;
  const random = new SeededRandom(seed);
  const counts = newCounts();
  const model = new Model();
  const at = stack.describe();
  let endsAt = Infinity;
  const deadline = (): number => endsAt + ANSWERS_WITHIN_MS;
  const tenants = await gather(at, counts, deadline);
  const operator = await operatorOf(at, counts, deadline);
  const [first] = tenants as [Tenant];
  const big = await seedBigMove(stack.runDir, first.domain, BIG_MOVE_USERS);
  endsAt = performance.now() + seconds * 1_000;
  const isOver = (): boolean => performance.now() > endsAt || signal.aborted;

  const outside = new Outside(stack);
  const faults: Record<string, number> = {};
  const load = new Load(tenants, model, random, isOver);
  load.watch(bigMove(first, model, big, BIG_MOVE_USERS));
  const harming = harm(outside, random.fork('faults'), isOver, (name) => {
    faults[name] = (faults[name] ?? 0) + 1;
    options.say(name);
  });
  await Promise.all([load.run(), harming.then(() => heal(outside))]);
  signal.throwIfAborted();
  options.say('healed; waiting for quiet');
  const found = await judge(at, model, async (database) => {
    await gatewayAnswers(at);
    endsAt = performance.now() + QUIET_WITHIN_MS;
    const state = await quiet(database, operator, QUIET_WITHIN_MS);
    await load.watched();
    return state;
  });
  const internal = counts.internal.map((each) => `answered 500: ${each}`);
  const differences = [...internal, ...load.failures, ...found.differences];
  const ok =
    found.quiet.isQuiet && found.violations.length + found.notChecked.length + differences.length === 0;
  const summary = { actions: load.done, faults, requests: counts, refusals: model.refusals };
  return { ok, seed, seconds, ...summary, accepted: model.operations.length, ...found, differences };
};

/** The actors of every tenant: some who buy, one admin. */
class Load {
  readonly done: Record<string, number> = {};
  readonly failures: string[] = [];
  private readonly watches: Promise<void>[] = [];

  constructor(
    private readonly tenants: readonly Tenant[],
    private readonly model: Model,
    private readonly random: SeededRandom,
    private readonly isOver: () => boolean,
  ) {}

  async run(): Promise<void> {
    const actors = this.tenants.flatMap((tenant) => [
      this.actor(tenant, 'admin', ADMINS),
      ...Array.from({ length: BUYERS_PER_TENANT }, (_, i) => this.actor(tenant, `buyer ${i}`, BUYERS)),
    ]);
    await Promise.all(actors);
  }

  /** Every operation that was accepted has been seen to its end, or the deadline has come. */
  async watched(): Promise<void> {
    await Promise.all(this.watches);
  }

  /** Something that goes on beside the actors; its failure is the run's. */
  watch(work: Promise<void>): void {
    this.watches.push(work.catch((error: unknown) => this.failed(error)));
  }

  private async actor(
    tenant: Tenant,
    name: string,
    weights: Partial<Record<ActionName, number>>,
  ): Promise<void> {
    const random = this.random.fork(`${tenant.domain} ${name}`);
    const watch = (work: Promise<void>): void => this.watch(work);
    const acting: Acting = { tenant, random, model: this.model, watch, done: this.done };
    while (!this.isOver()) {
      await delay(random.int(50, 500));
      await act(acting, random.weighted(weights as Record<ActionName, number>)).catch((error: unknown) =>
        this.failed(error),
      );
    }
  }

  private failed(error: unknown): void {
    this.failures.push(error instanceof Error ? error.message : String(error));
  }
}

const gatewayAnswers = async ({ gatewayUrl }: StackFile): Promise<void> => {
  const deadline = performance.now() + ANSWERS_WITHIN_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`${gatewayUrl ?? ''}/readyz`).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await delay(100);
  }
};

/** Waits for quiet, then the audit, then the comparison with what was answered. */
const judge = async (
  { mongoUri, redisUrl, paymentsUrl }: StackFile,
  model: Model,
  untilQuiet: (database: Database) => Promise<Quiet>,
) => {
  const database = await Database.connect({ uri: mongoUri ?? '', appName: 'commissary-chaos' });
  try {
    const state = await untilQuiet(database);
    const queues = await QueueView.connect(redisUrl ?? '', 'commissary');
    const journal = new SimulatorJournal(paymentsUrl ?? '');
    const { violations, notChecked } = await runAudit({ database, queues, journal }).finally(() =>
      queues.close(),
    );
    return { quiet: state, violations, notChecked, differences: await compare(model, database) };
  } finally {
    await database.close();
  }
};
