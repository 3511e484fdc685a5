import type { ListView, PageQuery } from '@commissary/contracts';
import { decodeCursor, encodeCursor } from './paging.js';

/** A page of a list that is in memory whole, in the order of its keys. */
export const pageOfWhole = <Row>(
  rows: readonly Row[],
  query: PageQuery,
  keyOf: (row: Row) => string,
): ListView<Row> => {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const ordered = [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = after === null ? ordered : ordered.filter((row) => keyOf(row) > after);
  const items = rest.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rest.length > items.length && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
};
