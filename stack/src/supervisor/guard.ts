/** Keeps a watchdog beside this process, which ends what the process table names should this process be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { built } from '../paths.js';

export class Guard {
  private child: ChildProcess | null = null;
  private leaving = false;

  /** `table` is a process table; `leftovers` are removed with it. */
  constructor(private readonly args: { table: string; leftovers: readonly string[] }) {
    this.spawn();
  }

  /** Call when nothing is left to end; resolves when the watchdog is gone as well. */
  async dismiss(): Promise<void> {
    this.leaving = true;
    const child = this.child;
    if (child === null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.stdin?.end();
    });
  }

  private spawn(): void {
    const { table, leftovers } = this.args;
    const child = spawn(process.execPath, [built('stack', 'supervisor/watchdog.js'), table, ...leftovers], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child.stdin.on('error', () => undefined);
    child.once('exit', () => {
      this.child = null;
      if (!this.leaving) this.spawn();
    });
    this.child = child;
  }
}
