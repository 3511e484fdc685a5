import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Call, OpenSide, Reply } from './side-contract.js';

const MAIN = path.join(import.meta.dirname, 'side-main.js');
const CLOSE_WITHIN_MS = 10_000;

type Done<S> = S extends OpenSide<never, infer D> ? D : never;
type Task<S> = S extends OpenSide<infer T, unknown> ? T : never;
type Opened<O> = O extends (settings: never) => Promise<infer S> ? S : never;
type SettingsOf<O> = O extends (settings: infer S) => unknown ? S : never;

export interface TimedRun<D> {
  value: D;
  seconds: number;
  /** User and system time of the side's process. */
  cpuSeconds: number;
}

/** Where sides leave a CPU profile each when they end; null: nowhere. */
let profileFolder: string | null = null;

export const profileSidesInto = (folder: string | null): void => {
  profileFolder = folder;
};

type Success = Extract<Reply, { ok: true }>;

/** All living sides of this process, so that the CPU they use is not taken for a stranger's. */
const living = new Set<Side<unknown, unknown>>();

export const livingPids = (): number[] => [...living].map((side) => side.pid);

export const closeAllSides = async (): Promise<void> => {
  await Promise.allSettled([...living].map((side) => side.close()));
};

/** A side's process, from here. */
export class Side<T, D> {
  private calls = 0;
  private readonly waiting = new Map<number, { resolve: (r: Success) => void; reject: (e: Error) => void }>();

  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
    private readonly module: string,
  ) {
    child.on('message', (reply: Reply) => this.take(reply));
    child.once('exit', (code, signal) => {
      living.delete(this);
      const error = new Error(`${module} ended (${signal ?? code ?? ''})`);
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    });
  }

  /** `module` is relative to the bench's folder and exports `open`, whose type `O` is; `flags` are Node's. */
  static async start<O>(
    module: string,
    settings: SettingsOf<O>,
    flags: readonly string[] = [],
  ): Promise<Side<Task<Opened<O>>, Done<Opened<O>>>> {
    const child = fork(MAIN, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [
        '--enable-source-maps',
        ...flags,
        ...(profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]),
      ],
    });
    if (child.pid === undefined) throw new Error(`${module} could not be started`);
    const side = new Side<Task<Opened<O>>, Done<Opened<O>>>(child, child.pid, module);
    living.add(side);
    await side.ask({ kind: 'open', module, argument: settings });
    return side;
  }

  async prepare(task: T): Promise<void> {
    await this.ask({ kind: 'prepare', argument: task });
  }

  async run(task: T): Promise<TimedRun<D>> {
    const { value, seconds, cpuSeconds } = await this.ask({ kind: 'run', argument: task });
    return { value: value as D, seconds, cpuSeconds };
  }

  /** Resolves when the process is gone. */
  async close(): Promise<void> {
    if (!living.has(this)) return;
    const gone = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    const timer = setTimeout(() => this.child.kill('SIGKILL'), CLOSE_WITHIN_MS);
    // What it was doing may fail as it goes.
    this.ask({ kind: 'close' }).catch(() => this.child.kill('SIGKILL'));
    await gone;
    clearTimeout(timer);
  }

  private ask(call: WithoutId<Call>): Promise<Success> {
    const id = (this.calls += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.send({ ...call, id } satisfies Call, (error) => error && reject(error));
    });
  }

  private take(reply: Reply): void {
    const waiter = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.ok) waiter?.resolve(reply);
    else waiter?.reject(new Error(`${this.module}: ${reply.error}`));
  }
}

type WithoutId<C> = C extends unknown ? Omit<C, 'id'> : never;
