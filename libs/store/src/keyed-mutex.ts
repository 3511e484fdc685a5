import { Mutex } from 'async-mutex';

/**
 * Runs work on one key at a time within this process. MongoDB lets one of several transactions on a document win and the others
 * run again, so that hundreds at once on one document would mostly repeat each other. This only decides who waits; the
 * transactions still guard what holds between processes.
 */
export class KeyedMutex {
  private readonly mutexes = new Map<string, Mutex>();

  /** Resolves or rejects as `work` does, which begins once all earlier work on the key has ended. */
  async runExclusive<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mutex = this.mutexes.get(key) ?? new Mutex();
    this.mutexes.set(key, mutex);
    try {
      return await mutex.runExclusive(work);
    } finally {
      if (!mutex.isLocked()) this.mutexes.delete(key);
    }
  }
}
