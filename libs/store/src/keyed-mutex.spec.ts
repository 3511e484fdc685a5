import { describe, expect, it } from '@jest/globals';
import { KeyedMutex } from './keyed-mutex.js';

const deferred = () => {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open: () => open() };
};

describe('KeyedMutex', () => {
  it('runs work of one key in order, one at a time, and of other keys beside it', async () => {
    const mutex = new KeyedMutex();
    const log: string[] = [];
    const first = deferred();
    const a = mutex.runExclusive('a', async () => {
      await first.gate;
      log.push('a1');
    });
    const b = mutex.runExclusive('a', async () => void log.push('a2'));
    await mutex.runExclusive('b', async () => void log.push('b1'));
    first.open();
    await Promise.all([a, b]);
    expect(log).toEqual(['b1', 'a1', 'a2']);
  });

  it('goes on after work that failed, and tells its own caller alone', async () => {
    const mutex = new KeyedMutex();
    const failed = mutex.runExclusive('a', async () => Promise.reject(new Error('no')));
    const next = mutex.runExclusive('a', async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
