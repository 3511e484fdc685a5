import type { Clock } from '@commissary/platform';
import type { Database } from './database.js';

const REFRESH_MS = 30_000;

/**
 * The database's time, kept by a monotonic timer between refreshes, so that a worker whose clock is wrong decides nothing wrongly.
 * `offsetMs` moves a test through time.
 */
export class DatabaseClock implements Clock {
  private serverMs = 0;
  private readAt = 0;
  private timer: NodeJS.Timeout | null = null;

  private constructor(
    private readonly database: Database,
    private offsetMs: number,
  ) {}

  static async start(database: Database, offsetMs = 0): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database, offsetMs);
    await clock.refresh();
    clock.timer = setInterval(() => void clock.refresh().catch(() => undefined), REFRESH_MS).unref();
    return clock;
  }

  now(): Date {
    return new Date(this.server().getTime() + this.offsetMs);
  }

  /** The database's own time, which its `$$NOW` has too: what leases, waits and due times are told in. */
  server(): Date {
    return new Date(this.serverMs + (performance.now() - this.readAt));
  }

  /** A test's step through time, ms. */
  advance(byMs: number): void {
    this.offsetMs += byMs;
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  private async refresh(): Promise<void> {
    const asked = performance.now();
    const serverTime = await this.database.serverTime();
    const answered = performance.now();
    this.serverMs = serverTime.getTime() + (answered - asked) / 2;
    this.readAt = answered;
  }
}
