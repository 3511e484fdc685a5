import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from '@commissary/platform';
import { OperationChanges } from '@commissary/store';
import { LOGGER } from '../connections/tokens.js';

const REOPEN_AFTER_MS = 500;

/** One client's interest in one operation. Made before the document is read, so that no change falls between. */
export class OperationWatch {
  private changed = false;
  private wakeUp: (() => void) | null = null;

  constructor(private readonly release: (watch: OperationWatch) => void) {}

  /** Resolves at the next change (at once if there was one since the last call), or after `ms`. */
  async next(ms: number): Promise<void> {
    if (!this.changed && ms > 0) await this.wake(ms);
    this.changed = false;
  }

  notify(): void {
    this.changed = true;
    this.wakeUp?.();
  }

  close(): void {
    this.release(this);
    this.notify();
  }

  private wake(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.wakeUp = null;
        resolve();
      };
      const timer = setTimeout(finish, ms);
      this.wakeUp = finish;
    });
  }
}

/**
 * Which operation has changed just now: one change stream of MongoDB per gateway process, ids only, fanned out to everyone who
 * waits. MongoDB rather than Redis, for progress has to be seen while Redis is away. [MOV-3]
 */
@Injectable()
export class OperationFeed implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly watches = new Map<string, Set<OperationWatch>>();
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly changes: OperationChanges,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** True once the process stops: those who wait answer with what they have. */
  isClosed(): boolean {
    return this.stopping.signal.aborted;
  }

  watch(operationId: string): OperationWatch {
    const ofOperation = this.watches.get(operationId) ?? new Set();
    const watch = new OperationWatch((closing) => {
      ofOperation.delete(closing);
      if (ofOperation.size === 0 && this.watches.get(operationId) === ofOperation) {
        this.watches.delete(operationId);
      }
    });
    ofOperation.add(watch);
    this.watches.set(operationId, ofOperation);
    return watch;
  }

  onApplicationBootstrap(): void {
    this.running = this.follow();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.notifyAll();
    await this.running;
  }

  private async follow(): Promise<void> {
    // What changed before the stream was open is found by looking again.
    const listener = { opened: () => this.notifyAll(), changed: (id: string) => this.notify(id) };
    while (!this.isClosed()) {
      try {
        await this.changes.follow(this.stopping.signal, listener);
      } catch (error) {
        if (!this.isClosed())
          this.logger.warn({ err: error }, 'change stream of operations lost; opened again');
      }
      await delay(REOPEN_AFTER_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private notify(operationId: string): void {
    for (const watch of this.watches.get(operationId) ?? []) watch.notify();
  }

  private notifyAll(): void {
    for (const operationId of this.watches.keys()) this.notify(operationId);
  }
}
