import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { type GroupOptions, Groups } from './group-commit.js';

interface Begun {
  items: string[];
  succeed(): void;
  fail(error: Error): void;
}

/** Groups that end when the test says so; the result of each item is its name in capitals. */
const held = (options: Partial<GroupOptions<string, string>> = {}) => {
  const begun: Begun[] = [];
  const groups = new Groups<string, string>({
    most: 3,
    together: (items) =>
      new Promise((resolve, reject) => {
        begun.push({
          items,
          succeed: () => resolve(items.map((item) => item.toUpperCase())),
          fail: reject,
        });
      }),
    ...options,
  });
  return { begun, groups, itemsBegun: () => begun.map(({ items }) => items) };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const outcomesOf = async (all: Promise<string>[]): Promise<string[]> =>
  (await Promise.allSettled(all)).map((each) =>
    each.status === 'fulfilled' ? each.value : (each.reason as Error).message,
  );

describe('groups', () => {
  it('[BUY-4] do at once what finds none under way, together with what came in the same turn', async () => {
    const { begun, groups, itemsBegun } = held();
    const both = [groups.add('a'), groups.add('b')];
    await turn();
    expect(itemsBegun()).toEqual([['a', 'b']]);
    begun[0]?.succeed();
    expect(await Promise.all(both)).toEqual(['A', 'B']);
    const later = groups.add('c');
    await turn();
    begun[1]?.succeed();
    expect(await later).toBe('C');
  });

  it('gather what comes while one is under way, in the order in which it came, so many at most', async () => {
    const { begun, groups, itemsBegun } = held();
    const first = groups.add('a');
    await turn();
    const rest = ['b', 'c', 'd', 'e'].map((item) => groups.add(item));
    await turn();
    expect(itemsBegun()).toEqual([['a']]);
    begun[0]?.succeed();
    await turn();
    expect(itemsBegun()).toEqual([['a'], ['b', 'c', 'd']]);
    begun[1]?.succeed();
    await turn();
    expect(itemsBegun()).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
    begun[2]?.succeed();
    expect(await Promise.all([first, ...rest])).toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('[BUY-10] never hold two of one key: the second waits for the next, the others do not wait for it', async () => {
    const { begun, groups, itemsBegun } = held({ keyOf: (item) => item.charAt(0) });
    const all = ['a1', 'a2', 'b1'].map((item) => groups.add(item));
    await turn();
    expect(itemsBegun()).toEqual([['a1', 'b1']]);
    begun[0]?.succeed();
    await turn();
    expect(itemsBegun()).toEqual([['a1', 'b1'], ['a2']]);
    begun[1]?.succeed();
    expect(await Promise.all(all)).toEqual(['A1', 'A2', 'B1']);
  });

  it('[BUY-4] of which one fails are done one by one: the bad one alone gets its error', async () => {
    const alone: string[] = [];
    const { begun, groups } = held({
      alone: (item) => {
        alone.push(item);
        return item === 'bad' ? Promise.reject(new Error('it is bad')) : Promise.resolve(`${item} alone`);
      },
    });
    const all = ['a', 'bad', 'c'].map((item) => groups.add(item));
    await turn();
    begun[0]?.fail(new Error('one of them is bad'));
    expect(await outcomesOf(all)).toEqual(['a alone', 'it is bad', 'c alone']);
    expect(alone).toEqual(['a', 'bad', 'c']);
  });

  it('go on meanwhile: who is alone holds up nobody', async () => {
    const { begun, groups, itemsBegun } = held({ alone: () => new Promise(() => undefined) });
    void ['a', 'b'].map((item) => groups.add(item));
    await turn();
    const next = groups.add('c');
    begun[0]?.fail(new Error('one of them is bad'));
    await turn();
    expect(itemsBegun()).toEqual([['a', 'b'], ['c']]);
    begun[1]?.succeed();
    expect(await next).toBe('C');
  });

  it('of one are not done again', async () => {
    const { begun, groups } = held();
    const only = groups.add('a');
    await turn();
    begun[0]?.fail(new Error('it is bad'));
    expect(await outcomesOf([only])).toEqual(['it is bad']);
    expect(begun).toHaveLength(1);
  });

  it('[DESIGN claim] are not done one by one while MongoDB is away: all fail alike', async () => {
    const { begun, groups } = held();
    const all = ['a', 'b'].map((item) => groups.add(item));
    await turn();
    begun[0]?.fail(new mongo.MongoNetworkError('gone'));
    expect(await outcomesOf(all)).toEqual(['gone', 'gone']);
    expect(begun).toHaveLength(1);
  });

  it('do not wait for an item whose own outcome is still to come', async () => {
    let settle: (result: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => (settle = resolve));
    const { groups } = held({
      together: (items) => Promise.resolve(items.map((i) => (i === 'slow' ? slow : i))),
    });
    const waiting = groups.add('slow');
    expect(await groups.add('quick')).toBe('quick');
    expect(await groups.add('next')).toBe('next');
    settle('at last');
    expect(await waiting).toBe('at last');
  });
});
