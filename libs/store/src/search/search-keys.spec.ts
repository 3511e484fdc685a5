import { describe, expect, it } from '@jest/globals';
import { keysBeginWith, searchKeysOf, subscriptionSearchKeys } from './search-keys.js';

const finds = (q: string, keys: readonly string[]): boolean => {
  const { $regex } = keysBeginWith(q);
  return keys.some((key) => new RegExp($regex).test(key));
};

const user = (displayName: string) => searchKeysOf({ email: 'x.y@contoso.example', displayName });

describe('what is found by a text [ADM-1]', () => {
  it.each([
    ['alex', 'Alex Wilber'],
    ['WILB', 'Alex Wilber'],
    ['alex  w', 'Alex Wilber'],
    ['van der b', 'Jan van der Berg'],
    ['asa', 'Åsa Öberg'],
    ['ÅSA ö', 'Åsa Öberg'],
    ['A\u030asa', 'Åsa Öberg'],
    ['emile', 'Émile Zola'],
    ['marie', 'Anne-Marie'],
    ['brien', "O'Brien"],
    ['say', 'Irvin (Sayers)'],
    ['(say', 'Irvin (Sayers)'],
    ['陳', '陳大文'],
    ['x.Y@', 'Nobody'],
    ['i', 'İpek'],
  ])('%j finds %j', (q, name) => {
    expect(finds(q, user(name))).toBe(true);
  });

  it.each(['lber', '.*', '^', 'a|w', '\\', '$', '[a-z]', '(?=a)', 'y@', 'wilber a', '/', '\u{1f600}'])(
    '%j does not find Alex Wilber',
    (q) => {
      expect(finds(q, user('Alex Wilber'))).toBe(false);
    },
  );

  it('is the product, word by word, or its purchaser', () => {
    const keys = subscriptionSearchKeys('Power BI Pro', { email: 'a@b.example', displayName: 'Åsa' });
    expect(keys).toEqual(['power bi pro', 'bi pro', 'pro', 'a@b.example', 'asa']);
    expect(subscriptionSearchKeys('Visio', null)).toEqual(['visio']);
  });

  it('stays few and short, however long the name', () => {
    const keys = user('word '.repeat(50) + 'x'.repeat(500));
    expect(keys.length).toBeLessThanOrEqual(11);
    expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(80);
    expect(finds('word '.repeat(50), keys)).toBe(true);
  });
});
