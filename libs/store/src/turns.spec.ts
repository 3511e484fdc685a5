import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

const deferred = () => {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open: () => open() };
};

describe('Turns', () => {
  it('runs work of one key in order, one at a time, and of other keys beside it', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const first = deferred();
    const a = turns.take('a', async () => {
      await first.gate;
      log.push('a1');
    });
    const b = turns.take('a', async () => void log.push('a2'));
    await turns.take('b', async () => void log.push('b1'));
    first.open();
    await Promise.all([a, b]);
    expect(log).toEqual(['b1', 'a1', 'a2']);
  });

  it('goes on after work that failed, and tells its own caller alone', async () => {
    const turns = new Turns();
    const failed = turns.take('a', async () => Promise.reject(new Error('no')));
    const next = turns.take('a', async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
