/**
 * An append-only file of JSON lines. `append` returns at once; `flushed` resolves when all that was appended
 * before is on the disk (fsync), many appends sharing one fsync.
 */
import { closeSync, fdatasync, ftruncateSync, openSync, readFileSync, write } from 'node:fs';
import { promisify } from 'node:util';

const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);
const NEWLINE = 0x0a;

interface Waiter {
  resolve: () => void;
  reject: (reason: unknown) => void;
}

export class Journal {
  private queued: string[] = [];
  private waiting: Waiter[] = [];
  private draining = false;

  private constructor(private readonly fd: number) {}

  /**
   * Opens `path` (made if missing) and hands each whole line to `replay`. A last line without its end, as a
   * kill leaves it, is cut off. A broken line before the last one throws: the file was damaged otherwise.
   */
  static open(path: string, replay: (record: unknown) => void): Journal {
    const fd = openSync(path, 'a+', 0o600);
    const content = readFileSync(fd);
    const end = content.lastIndexOf(NEWLINE) + 1;
    if (end < content.length) ftruncateSync(fd, end);
    const lines = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    for (const [index, line] of lines.entries()) {
      let record: unknown;
      try {
        record = JSON.parse(line);
      } catch {
        throw new Error(`${path}: line ${index + 1} is damaged`);
      }
      replay(record);
    }
    return new Journal(fd);
  }

  append(record: unknown): void {
    this.queued.push(`${JSON.stringify(record)}\n`);
  }

  /** Resolves when everything appended so far is durable; rejects if the disk refuses. */
  flushed(): Promise<void> {
    if (this.queued.length === 0 && !this.draining) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (!this.draining) void this.drain();
    });
  }

  async close(): Promise<void> {
    await this.flushed();
    closeSync(this.fd);
  }

  private async drain(): Promise<void> {
    this.draining = true;
    while (this.waiting.length > 0) {
      const waiters = this.waiting;
      const bytes = Buffer.from(this.queued.join(''), 'utf8');
      this.waiting = [];
      this.queued = [];
      try {
        await this.writeAll(bytes);
        for (const waiter of waiters) waiter.resolve();
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error);
        // Memory is now ahead of the disk: ends the process (see `runService`), which starts again from the file.
        throw error;
      }
    }
    this.draining = false;
  }

  private async writeAll(bytes: Buffer): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesWritten } = await writeAsync(this.fd, bytes, offset);
      offset += bytesWritten;
    }
    if (bytes.length > 0) await syncAsync(this.fd);
  }
}
