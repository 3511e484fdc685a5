import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Journal } from './journal.js';

describe('Journal', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'journal-'));
    file = path.join(folder, 'journal');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const replay = (): unknown[] => {
    const records: unknown[] = [];
    Journal.open(file, (record) => records.push(record));
    return records;
  };

  it('replays what was flushed, in order, and goes on after it', async () => {
    const first = Journal.open(file, () => undefined);
    for (const n of [1, 2, 3]) first.append({ n });
    await first.flushed();
    await first.close();
    const seen: unknown[] = [];
    const second = Journal.open(file, (record) => seen.push(record));
    second.append({ n: 4 });
    await second.flushed();
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(replay()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  });

  it('has written everything appended before, whoever waits for it, when flushed resolves', async () => {
    const journal = Journal.open(file, () => undefined);
    const checks = Array.from({ length: 200 }, async (_, n) => {
      journal.append({ n });
      await journal.flushed();
      expect(readFileSync(file, 'utf8')).toContain(`{"n":${n}}\n`);
    });
    await Promise.all(checks);
    expect(replay()).toHaveLength(200);
  });

  it('cuts off a last line that a kill left unfinished', async () => {
    writeFileSync(file, '{"n":1}\n{"n":2');
    expect(replay()).toEqual([{ n: 1 }]);
    const journal = Journal.open(file, () => undefined);
    journal.append({ n: 3 });
    await journal.flushed();
    expect(readFileSync(file, 'utf8')).toBe('{"n":1}\n{"n":3}\n');
  });

  it('refuses a file that is damaged before its end', () => {
    writeFileSync(file, '{"n":1}\nnonsense\n');
    appendFileSync(file, '{"n":2}\n');
    expect(() => replay()).toThrow(/line 2 is damaged/);
  });
});
