import { describe, expect, it } from '@jest/globals';
import { oneAhead } from './one-ahead.js';

/** Counts what was made of it, and says when it was stopped. */
const counted = (failAt = Infinity) => {
  const seen = { made: 0, stopped: false };
  async function* make(): AsyncGenerator<number> {
    try {
      for (let n = 1; n <= 5; n += 1) {
        if (n === failAt) throw new Error('broken');
        seen.made = n;
        yield n;
      }
    } finally {
      seen.stopped = true;
    }
  }
  return { seen, source: make() };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('values made one ahead of their reader [ADM-3]', () => {
  it('are all of them, in order', async () => {
    const read: number[] = [];
    for await (const n of oneAhead(counted().source)) read.push(n);
    expect(read).toEqual([1, 2, 3, 4, 5]);
  });

  it('are never made further ahead, however slow the reader', async () => {
    const { seen, source } = counted();
    const reader = oneAhead(source);
    await reader.next();
    await turn();
    expect(seen.made).toBe(2);
    await reader.return(undefined);
  });

  it('are not made any more once the reader has gone', async () => {
    const { seen, source } = counted();
    for await (const n of oneAhead(source)) if (n === 1) break;
    expect(seen).toEqual({ made: 2, stopped: true });
  });

  it('fail where the source fails, and not before', async () => {
    const read: number[] = [];
    const reading = (async () => {
      for await (const n of oneAhead(counted(3).source)) {
        read.push(n);
        await turn();
      }
    })();
    await expect(reading).rejects.toThrow('broken');
    expect(read).toEqual([1, 2]);
  });
});
