import type { ListView, PageQuery } from '@commissary/contracts';
import type { Page } from '@commissary/store';
import { invalidRequest } from './problems.js';

/** What to ask a repository for: one row more than wanted, to know whether there is a next page. */
export const pageOf = (query: PageQuery): Page => ({
  limit: query.limit + 1,
  ...(query.cursor !== undefined && { after: decodeCursor(query.cursor) }),
});

/** A page of views from the rows `pageOf` asked for; `keyOf` gives the sort key (the id unless told). */
export const toList = <Row extends { _id: string }, View>(
  rows: readonly Row[],
  query: PageQuery,
  view: (row: Row) => View,
  keyOf: (row: Row) => string = (row) => row._id,
): ListView<View> => {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    nextCursor: rows.length > query.limit && last ? encodeCursor(keyOf(last)) : null,
  };
};

/** A cursor names the last row of its page, so that it stays valid while rows come and go. */
export const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url');

/** Throws `invalid_request` for what was never a cursor. */
export const decodeCursor = (cursor: string): string => {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (!/^[\w:.@+-]{1,300}$/.test(key) || encodeCursor(key) !== cursor) {
    throw invalidRequest('/cursor', 'cursor', 'This is not a cursor of this list');
  }
  return key;
};
