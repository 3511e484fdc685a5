import { describe, expect, it } from '@jest/globals';
import { BatchedReads, BatchedTenantReads } from './batched-reads.js';

interface Asked {
  ids: string[];
  answer(): void;
  fail(): void;
}

/** Reads that end when the test says so; each finds what begins with `known`. */
const held = () => {
  const asked: Asked[] = [];
  const reads = new BatchedReads<string>(
    (ids) =>
      new Promise((resolve, reject) => {
        asked.push({
          ids,
          answer: () =>
            resolve(new Map(ids.filter((id) => id.startsWith('known')).map((id) => [id, `row of ${id}`]))),
          fail: () => reject(new Error('away')),
        });
      }),
  );
  return { asked, reads };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('batched reads', () => {
  it('ask at once for who is alone, and give null for what is not there', async () => {
    const { asked, reads } = held();
    const [there, not] = [reads.get('known-1'), reads.get('other')];
    await settled();
    expect(asked.map(({ ids }) => ids)).toEqual([['known-1', 'other']]);
    asked[0]?.answer();
    expect(await Promise.all([there, not])).toEqual(['row of known-1', null]);
  });

  it('never answer from a read that had begun before the question', async () => {
    const { asked, reads } = held();
    const first = reads.get('known-1');
    await settled();
    const second = [reads.get('known-1'), reads.get('known-2')];
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]?.answer();
    await first;
    await settled();
    expect(asked[1]?.ids).toEqual(['known-1', 'known-2']);
    asked[1]?.answer();
    expect(await Promise.all(second)).toEqual(['row of known-1', 'row of known-2']);
  });

  it('go on after one has failed, which fails for all who share it alone', async () => {
    const { asked, reads } = held();
    const lost = [reads.get('known-1'), reads.get('known-2')].map((each) =>
      each.catch((error: unknown) => (error as Error).message),
    );
    await settled();
    const later = reads.get('known-3');
    asked[0]?.fail();
    expect(await Promise.all(lost)).toEqual(['away', 'away']);
    await settled();
    asked[1]?.answer();
    expect(await later).toBe('row of known-3');
  });
});

describe('batched reads of tenants', () => {
  it('[DATA-1] give no document of another tenant, whoever asked beside', async () => {
    const rows = [
      { _id: 'a', tenantId: 'ten_1' },
      { _id: 'b', tenantId: 'ten_2' },
    ];
    const reads = new BatchedTenantReads((ids, tenantIds) =>
      Promise.resolve(rows.filter((row) => ids.includes(row._id) && tenantIds.includes(row.tenantId))),
    );
    const asked = [reads.get('ten_1', 'a'), reads.get('ten_2', 'a'), reads.get('ten_2', 'b')];
    expect(await Promise.all(asked)).toEqual([rows[0], null, rows[1]]);
  });
});
