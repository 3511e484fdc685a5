import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@commissary/domain';
import { decodeCursor, encodeCursor, pageOf, toList } from './paging.js';

const rows = ['c', 'b', 'a'].map((_id) => ({ _id }));
const id = (row: { _id: string }) => row._id;

describe('paging', () => {
  it('[API] asks for one row more, and says whether there are more', () => {
    expect(pageOf({ limit: 2 })).toEqual({ limit: 3 });
    const page = toList(rows, { limit: 2 }, id);
    expect(page.items).toEqual(['c', 'b']);
    expect(pageOf({ limit: 2, cursor: page.nextCursor ?? '' })).toEqual({ limit: 3, after: 'b' });
    expect(toList(rows, { limit: 3 }, id).nextCursor).toBeNull();
    expect(toList([], { limit: 3 }, id)).toEqual({ items: [], nextCursor: null });
  });

  it('[API] a cursor comes back as it was; what never was one is refused', () => {
    expect(decodeCursor(encodeCursor('sub_01h2x:12'))).toBe('sub_01h2x:12');
    for (const cursor of [
      '!!',
      'null',
      encodeCursor('{"$ne":1}'),
      `${encodeCursor('a')}=`,
      encodeCursor(''),
    ]) {
      expect(() => decodeCursor(cursor)).toThrow(DomainError);
    }
  });
});
