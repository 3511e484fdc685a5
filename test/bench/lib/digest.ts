import { createHash } from 'node:crypto';
import type { CollectionName, Database } from '@commissary/store';
import { dbOf } from '../../support/driver.js';

export interface Digest {
  count: number;
  hash: string;
  /** The first documents, to show where two digests part. */
  first: string[];
}

const SHOWN = 200;

const ID = /\b(op|ord|pay|sub|lic|inv|led|evt|ntf|aud|ref|req)_[0-9a-z]{26}\b/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** A document without what two runs cannot share: ids minted in the run, and times. */
const normalized = (value: unknown, known: ReadonlySet<string>): unknown => {
  if (value instanceof Date) return '<time>';
  if (typeof value === 'string') {
    return value
      .replace(ID, (id, prefix: string) => (known.has(id) ? id : `${prefix}_*`))
      .replace(TIME, '<time>');
  }
  if (Array.isArray(value)) return value.map((each) => normalized(each, known));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, normalized(inner, known)]),
  );
};

/** Count and hash of each collection's documents. `known` are the ids that were there before the run: they must be the same. */
export const digestOf = async (
  database: Database,
  names: readonly CollectionName[],
  known: ReadonlySet<string> = new Set(),
): Promise<Record<string, Digest>> => {
  const digests = await Promise.all(
    names.map(async (name): Promise<[string, Digest]> => {
      const lines: string[] = [];
      for await (const document of dbOf(database).collection(name).find()) {
        lines.push(JSON.stringify(normalized(document, known)));
      }
      const hash = createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16);
      return [name, { count: lines.length, hash, first: lines.slice(0, SHOWN) }];
    }),
  );
  return Object.fromEntries(digests);
};

/** Throws with the first collection in which the two differ: what does not do the same work is not compared. */
export const requireEqual = (reference: Record<string, Digest>, project: Record<string, Digest>): void => {
  for (const [name, left] of Object.entries(reference)) {
    const right = project[name];
    if (right && left.count === right.count && left.hash === right.hash) continue;
    const place = left.first.findIndex((line, i) => line !== right?.first[i]);
    throw new Error(
      `reference and project leave different ${name}: ${left.count} and ${right?.count ?? 0}, such as\n${left.first[place]}\n${right?.first[place]}`,
    );
  }
};
