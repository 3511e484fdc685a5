import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import type { QueueName } from '@commissary/contracts';
import type { FailpointName } from '@commissary/platform';
import { ROOT } from '../../support/stack-process.js';
import { serviceEnvironment } from './fault-stack.js';

export interface LogLine {
  msg?: string;
  operation?: string;
  url?: string;
  [field: string]: unknown;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export type FailpointSettings = Partial<Record<FailpointName, string>>;

interface Waiter {
  fits: (line: LogLine) => boolean;
  found: (line: LogLine) => void;
}

const READY_WITHIN_MS = 90_000;
const ENDS_WITHIN_MS = 60_000;
/** A test run that is killed leaves nothing behind. */
const ENDS_WITH_ITS_PARENT = path.join(ROOT, 'test/chaos/lib/ends-with-parent.mjs');
const running = new Set<Service>();

afterAll(async () => {
  await Promise.all([...running].map((service) => service.kill()));
});

/** A gateway or a worker of a test's own, with its log at hand. Ends with the test file. */
export class Service {
  readonly lines: LogLine[] = [];
  readonly exited: Promise<Exit>;
  private readonly child: ChildProcess;
  private readonly waiters = new Set<Waiter>();

  private constructor(app: 'gateway' | 'worker', settings: Record<string, string>) {
    const file = path.join(ROOT, 'apps', app, 'dist/main.js');
    this.child = spawn(process.execPath, [`--import=${ENDS_WITH_ITS_PARENT}`, '--enable-source-maps', file], {
      env: { ...serviceEnvironment(), ...settings },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(this);
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        running.delete(this);
        resolve({ code, signal });
      });
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.read(line));
    }
  }

  /** Started and not awaited: it may die before it takes work. */
  static launch(app: 'gateway' | 'worker', settings: Record<string, string>): Service {
    return new Service(app, settings);
  }

  /** Resolves once it takes work. */
  static async start(app: 'gateway' | 'worker', settings: Record<string, string>): Promise<Service> {
    const service = new Service(app, settings);
    await service.ready();
    return service;
  }

  /** Resolves once it takes work; rejects when it ends before. */
  async ready(): Promise<void> {
    await this.logged(({ msg }) => msg === 'worker started' || msg === 'listening', READY_WITHIN_MS);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The first line that fits, of those there are and those to come; rejects when the process ends without it. */
  logged(fits: (line: LogLine) => boolean, withinMs = 60_000): Promise<LogLine> {
    const there = this.lines.find(fits);
    if (there) return Promise.resolve(there);
    return new Promise((resolve, reject) => {
      const over = (why: string): void => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        reject(new Error(`${why}; its last lines: ${JSON.stringify(this.lines.slice(-5))}`));
      };
      const waiter: Waiter = {
        fits,
        found: (line) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(line);
        },
      };
      const timer = setTimeout(() => over(`not logged within ${withinMs / 1000} s`), withinMs);
      this.waiters.add(waiter);
      void this.exited.then(() => {
        if (this.waiters.has(waiter)) over('the process ended before it logged that');
      });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The hard way; resolves when it is gone. */
  async kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** How it ended; one that lives on is killed, and the test told what did not come to pass. */
  async ended(what: string, withinMs = ENDS_WITHIN_MS): Promise<Exit> {
    const timer = new AbortController();
    const late = delay(withinMs, null, { signal: timer.signal }).catch(() => null);
    const exit = await Promise.race([this.exited, late]);
    timer.abort();
    if (exit !== null) return exit;
    await this.kill();
    const last = JSON.stringify(this.lines.slice(-5));
    throw new Error(`not within ${withinMs / 1000} s: ${what}; its last lines: ${last}`);
  }

  /** SIGTERM, and how long it took, ms. */
  async stop(): Promise<Exit & { tookMs: number }> {
    const began = performance.now();
    this.signal('SIGTERM');
    const exit = await this.ended('it stops when told to');
    return { ...exit, tookMs: performance.now() - began };
  }

  private read(text: string): void {
    const line = parsed(text);
    this.lines.push(line);
    for (const waiter of [...this.waiters]) if (waiter.fits(line)) waiter.found(line);
  }
}

const parsed = (text: string): LogLine => {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text };
  }
};

export interface WorkerOptions {
  queues?: readonly QueueName[];
  failpoints?: FailpointSettings;
  /** How far its own clock is off, ms. */
  clockOffMs?: number;
  logLevel?: LogLevel;
}

export type LogLevel = 'info' | 'trace';

const failpointText = (points: FailpointSettings = {}): string =>
  Object.entries(points)
    .map(([name, action]) => `${name}=${action}`)
    .join(',');

const SHIFTED_CLOCK = path.join(__dirname, 'shifted-clock.mjs');

const workerSettings = ({
  queues = [],
  failpoints,
  clockOffMs = 0,
  logLevel = 'info',
}: WorkerOptions): Record<string, string> => ({
  WORKER_QUEUES: queues.join(','),
  FAILPOINTS: failpointText(failpoints),
  LOG_LEVEL: logLevel,
  ...(clockOffMs !== 0 && {
    NODE_OPTIONS: `--import=${SHIFTED_CLOCK}`,
    CLOCK_OFF_MS: String(clockOffMs),
  }),
});

export const startWorker = (options: WorkerOptions = {}): Promise<Service> =>
  Service.start('worker', workerSettings(options));

/** One that may die before it takes work. */
export const launchWorker = (options: WorkerOptions): Service =>
  Service.launch('worker', workerSettings(options));

/** One more gateway, on a port of its own, and where it answers. */
export const startGateway = async (
  failpoints?: FailpointSettings,
  logLevel: LogLevel = 'info',
): Promise<{ service: Service; url: string }> => {
  const settings = { FAILPOINTS: failpointText(failpoints), LOG_LEVEL: logLevel };
  const service = await Service.start('gateway', settings);
  const { url } = await service.logged(({ msg }) => msg === 'listening');
  return { service, url: url ?? '' };
};
