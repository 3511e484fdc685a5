import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { FAILPOINT_NAMES, type FailpointName } from '@commissary/platform';
import { ROOT, type RunningStack } from '@commissary/stack';
import type { SeededRandom } from '../../support/seeded-random.js';
import type { Gateways } from './client.js';

const SHIFTED_CLOCK = path.join(ROOT, 'test/faults/support/shifted-clock.mjs');
const ENDS_WITH_ITS_PARENT = path.join(ROOT, 'test/chaos/lib/ends-with-parent.mjs');
const READY_WITHIN_MS = 15_000;

interface Failing {
  names: readonly FailpointName[];
  /** The weight of each action at a failpoint. */
  actions: Record<'kill' | 'throw' | 'wait', number>;
  longestMs: number;
}

/** The longest wait is longer than a lease. */
const OF_WORKERS: Failing = {
  names: FAILPOINT_NAMES.filter((name) => !name.startsWith('accept.')),
  actions: { kill: 4, throw: 2, wait: 2 },
  longestMs: 14_000,
};

/** An error thrown in a gateway would rightly be answered 500, so that none is thrown. */
const OF_GATEWAYS: Failing = {
  names: FAILPOINT_NAMES.filter((name) => name.startsWith('accept.')),
  actions: { kill: 4, throw: 0, wait: 2 },
  longestMs: 3_000,
};

/** Chooses some failpoints and, for each, at which of its first passages it acts. */
const failpoints = (random: SeededRandom, { names, actions, longestMs }: Failing): string =>
  random
    .shuffled(names)
    .slice(0, random.int(1, 4))
    .map((name) => {
      const action = random.weighted(actions);
      const happens = action === 'wait' ? `delay:${random.int(500, longestMs)}` : action;
      return `${name}=${happens}@${random.int(1, 6)}`;
    })
    .join(',');

/** Starts gateways and workers beside those of the stack for a short time each, with failpoints or with a wrong clock. */
export class Extras {
  private readonly running = new Set<ChildProcess>();
  private started = 0;
  private isOver = false;

  constructor(
    private readonly stack: RunningStack,
    private readonly gateways: Gateways,
    private readonly say: (line: string) => void,
  ) {}

  async workerThatFails(random: SeededRandom): Promise<void> {
    const FAILPOINTS = failpoints(random, OF_WORKERS);
    this.say(`a worker with ${FAILPOINTS}`);
    await this.forAWhile('worker', { FAILPOINTS }, random);
  }

  async workerWithWrongClock(random: SeededRandom): Promise<void> {
    const off = random.pick([-600_000, 600_000]);
    this.say(`a worker whose clock is off by ${off / 1_000} s`);
    const NODE_OPTIONS = `--import=${SHIFTED_CLOCK}`;
    await this.forAWhile('worker', { NODE_OPTIONS, CLOCK_OFF_MS: String(off) }, random);
  }

  async gatewayThatFails(random: SeededRandom): Promise<void> {
    const FAILPOINTS = failpoints(random, OF_GATEWAYS);
    this.say(`a gateway with ${FAILPOINTS}`);
    await this.forAWhile('gateway', { FAILPOINTS }, random);
  }

  /** Kills the extra processes and starts no others. */
  endAll(): void {
    this.isOver = true;
    for (const child of this.running) child.kill('SIGKILL');
  }

  private async forAWhile(
    app: 'gateway' | 'worker',
    settings: Record<string, string>,
    random: SeededRandom,
  ): Promise<void> {
    if (this.isOver) return;
    const child = this.spawn(app, settings);
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const url = await Promise.race([ended.then(() => null), this.ready(child)]);
    if (app === 'gateway' && url !== null) this.gateways.add(url);
    await Promise.race([ended, delay(random.int(5_000, 15_000))]);
    child.kill(random.pick(['SIGTERM', 'SIGKILL'] as const));
    await ended;
    if (url !== null) this.gateways.remove(url);
  }

  private spawn(app: 'gateway' | 'worker', settings: Record<string, string>): ChildProcess {
    const file = path.join(ROOT, 'apps', app, 'dist/main.js');
    const args = ['--enable-source-maps', `--import=${ENDS_WITH_ITS_PARENT}`, file];
    const child = spawn(process.execPath, args, {
      env: { ...this.environment(), ...settings },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => undefined);
    this.running.add(child);
    child.once('exit', () => this.running.delete(child));
    this.started += 1;
    const log = path.join(this.stack.runDir, 'logs', `extra-${app}-${this.started}.log`);
    child.stdout.pipe(createWriteStream(log));
    return child;
  }

  /** Resolves with the URL of a gateway once it listens, and with null for a worker or after a timeout. */
  private async ready({ stdout }: ChildProcess): Promise<string | null> {
    if (stdout === null) return null;
    const late = delay(READY_WITHIN_MS).then(() => null);
    const said = new Promise<string | null>((resolve) => {
      createInterface({ input: stdout }).on('line', (line) => {
        if (line.includes('"worker started"')) resolve(null);
        if (line.includes('"listening"')) resolve((JSON.parse(line) as { url: string }).url);
      });
    });
    return Promise.race([said, late]);
  }

  private environment(): Record<string, string> {
    const at = this.stack.describe();
    const inherited = Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('npm_'),
    );
    return {
      ...Object.fromEntries(inherited),
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: '0',
      MONGODB_URI: at.mongoUri ?? '',
      REDIS_URL: at.redisUrl ?? '',
      PAYMENTS: 'simulator',
      PAYMENTS_URL: at.paymentsUrl ?? '',
      PUBLIC_URL: at.gatewayUrl ?? '',
      SMTP_URL: at.smtpUrl ?? '',
      OIDC_ISSUER: at.issuer ?? '',
      OIDC_AUDIENCE: 'urn:commissary:api',
      SESSION_SECRET: 'only-for-a-gateway-beside-the-stack-of-a-chaos-run',
    };
  }
}
