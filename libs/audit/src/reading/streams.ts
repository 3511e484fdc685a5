/** Walks over long streams that keep no more than a batch or a group in memory. */

export async function* inBatches<T>(rows: AsyncIterable<T>, size = 1_000): AsyncIterable<T[]> {
  let batch: T[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

export interface Side<T> {
  rows: AsyncIterable<T>;
  /** Ascending; keys are ASCII, so that MongoDB's order is JavaScript's. */
  key: (row: T) => string;
}

export interface Joined<L, R> {
  key: string;
  left: L[];
  right: R[];
}

/** Full outer join of two streams sorted by key: each key once, with what either side has under it. */
export async function* mergeJoin<L, R>(left: Side<L>, right: Side<R>): AsyncIterable<Joined<L, R>> {
  const lefts = groups(left);
  const rights = groups(right);
  let l = await lefts.next();
  let r = await rights.next();
  while (!l.done || !r.done) {
    const key = smaller(l.done ? null : l.value.key, r.done ? null : r.value.key);
    const takesLeft = !l.done && l.value.key === key;
    const takesRight = !r.done && r.value.key === key;
    yield {
      key,
      left: takesLeft ? groupOf(l) : [],
      right: takesRight ? groupOf(r) : [],
    };
    if (takesLeft) l = await lefts.next();
    if (takesRight) r = await rights.next();
  }
}

interface Group<T> {
  key: string;
  rows: T[];
}

const groupOf = <T>(result: IteratorResult<Group<T>, void>): T[] => (result.done ? [] : result.value.rows);

const smaller = (a: string | null, b: string | null): string => {
  if (a === null) return b ?? '';
  return b === null || a <= b ? a : b;
};

async function* groups<T>({ rows, key }: Side<T>): AsyncGenerator<Group<T>, void> {
  let group: Group<T> = { key: '', rows: [] };
  for await (const row of rows) {
    const its = key(row);
    if (group.rows.length > 0 && group.key !== its) {
      yield group;
      group = { key: its, rows: [] };
    }
    group.key = its;
    group.rows.push(row);
  }
  if (group.rows.length > 0) yield group;
}
