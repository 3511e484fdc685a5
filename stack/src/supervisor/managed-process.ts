/** One process of the stack: started, awaited, started again when it dies, stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from '../stack-error.js';
import { errorInLog } from './log-error.js';

export interface ProcessSpec {
  name: string;
  command: string;
  args: readonly string[];
  env: Record<string, string | undefined>;
  /** Resolves once it does its work; false: not yet. */
  ready: () => Promise<boolean>;
}

export interface ProcessHooks {
  /** The list of living processes has changed. */
  changed: () => void;
  say: (line: string) => void;
}

const READY_POLL_MS = 40;
const READY_TIMEOUT_MS = 90_000;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
/** Up this long, a process has recovered: its next death is its first. */
const STEADY_MS = 10_000;

export class ManagedProcess {
  private child: ChildProcess | null = null;
  private stopping = false;
  private backoffMs = FIRST_BACKOFF_MS;
  private startedAt = 0;
  /** Was ready once: from then on a death is answered by a restart. */
  private settled = false;
  /** Aborted by `stop`, so that no restart is waited for. */
  private readonly ended = new AbortController();
  private lastEnd = '';

  constructor(
    private readonly spec: ProcessSpec,
    private readonly logFile: string,
    private readonly restart: boolean,
    private readonly hooks: ProcessHooks,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  /** Null while it is not running. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Resolves when it is ready. Throws `StackError` with the error in its log if it ends or is not ready in time. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.spawn(false);
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await this.spec.ready().catch(() => false))) {
      signal.throwIfAborted();
      if (this.child === null) throw this.failure(`ended (${this.lastEnd}) before it was ready`);
      if (Date.now() > deadline) throw this.failure(`was not ready within ${READY_TIMEOUT_MS / 1000} s`);
      await delay(READY_POLL_MS);
    }
    signal.throwIfAborted();
    this.settled = true;
    if (this.child === null) this.gone(this.lastEnd);
  }

  /** SIGTERM, then SIGKILL after `graceMs`; resolves when the process is gone. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    this.ended.abort();
    const child = this.child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.hooks.say(`${this.name} did not stop within ${graceMs / 1000} s and is killed`);
      child.kill('SIGKILL');
    }, graceMs);
    await gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.child?.kill('SIGKILL');
  }

  private spawn(restarting: boolean): void {
    const log = openSync(this.logFile, 'a');
    // A session of its own, so that Ctrl-C in the terminal reaches the supervisor alone, which stops all in order.
    const child = spawn(this.spec.command, this.spec.args, {
      env: this.spec.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.startedAt = Date.now();
    child.once('error', (error) => this.gone(error.message));
    child.once('exit', (code, signal) => this.gone(signal ?? `exit code ${code ?? ''}`));
    this.child = child.pid === undefined ? null : child;
    if (restarting) this.hooks.say(`${this.name} was started again (process ${child.pid ?? '-'})`);
    this.hooks.changed();
  }

  private gone(how: string): void {
    this.child = null;
    this.lastEnd = how;
    this.hooks.changed();
    if (this.stopping || !this.settled) return;
    this.hooks.say(`${this.name} ended (${how})${this.restart ? '' : ' and is not started again'}`);
    if (this.restart) this.again();
  }

  private again(): void {
    const wasSteady = Date.now() - this.startedAt > STEADY_MS;
    this.backoffMs = wasSteady ? FIRST_BACKOFF_MS : Math.min(this.backoffMs * 2, MAX_BACKOFF_MS);
    delay(this.backoffMs, undefined, { signal: this.ended.signal }).then(
      () => this.spawn(true),
      () => undefined,
    );
  }

  private failure(what: string): StackError {
    return new StackError(
      `${this.name} ${what}: ${errorInLog(readFileSync(this.logFile, 'utf8'))} (log: ${this.logFile})`,
    );
  }
}
