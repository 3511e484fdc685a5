import type { Database, Session } from './database.js';
import { isDatabaseUnavailable, isTransientConflict } from './database-errors.js';

export interface GroupOptions<Item, Result> {
  /** The work of all of them at once, all or nothing: their results in their order. One that is still to come holds up no group. */
  together: (items: Item[]) => Promise<(Result | Promise<Result>)[]>;
  /** The same for one that fell out of its group; `together` unless given. */
  alone?: (item: Item) => Promise<Result>;
  /** No two of one key are in a group; each has its own unless given. */
  keyOf?: (item: Item) => string;
  /** The most in one group. */
  most: number;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result | Promise<Result>) => void;
  reject: (error: unknown) => void;
}

/**
 * Work that costs little more for many than for one: what comes while a group is under way is gathered for the next. One that
 * finds none under way goes at once, with whatever else came in the same turn of the event loop: nobody waits for others to come.
 * If a group fails, each of it is done alone, so that one bad one spoils nothing for the rest; where the database is away, all fail.
 */
export class Groups<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private isBusy = false;

  constructor(private readonly options: GroupOptions<Item, Result>) {}

  /** Settles with the item's own result or error. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.isBusy) return;
      this.isBusy = true;
      setImmediate(() => void this.goOn());
    });
  }

  private async goOn(): Promise<void> {
    while (this.waiting.length > 0) await this.perform(this.nextGroup());
    this.isBusy = false;
  }

  /** Those who have waited longest; whose key is in the group already waits for the next. */
  private nextGroup(): Waiting<Item, Result>[] {
    const { keyOf, most } = this.options;
    const keys = new Set<string>();
    const group: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const each of this.waiting) {
      const key = keyOf?.(each.item);
      if (group.length >= most || (key !== undefined && keys.has(key))) {
        rest.push(each);
        continue;
      }
      if (key !== undefined) keys.add(key);
      group.push(each);
    }
    this.waiting = rest;
    return group;
  }

  private async perform(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.together(group.map(({ item }) => item));
      for (const [place, each] of group.entries()) each.resolve(results[place] as Result);
    } catch (error) {
      if (group.length === 1 || isDatabaseUnavailable(error)) for (const each of group) each.reject(error);
      // Whoever is alone holds up nobody.
      else for (const each of group) this.alone(each.item).then(each.resolve, each.reject);
    }
  }

  private async alone(item: Item): Promise<Result> {
    const { alone, together } = this.options;
    if (alone) return alone(item);
    const [result] = await together([item]);
    return result as Result;
  }
}

/** A write of a group met another transaction, and met it again. */
class GroupConflictError extends Error {
  override readonly name = 'GroupConflictError';
}

/** Conflicts with others that a whole group is run again for, rather than each of it alone. */
const CONFLICTS_BORNE = 1;

/** Group commit: `write` makes the changes of all items in one transaction. It may run several times, as in `Database.transaction`. */
export class GroupCommit<Item, Result> extends Groups<Item, Result> {
  constructor(
    database: Database,
    write: (session: Session, items: Item[]) => Promise<Result[]>,
    options: Pick<GroupOptions<Item, Result>, 'keyOf' | 'most'>,
  ) {
    super({ ...options, together: (items) => database.transaction(impatient(write, items)) });
  }
}

/** A document that somebody keeps locked would hold up all: then the group falls apart, and only its own item waits for it. */
const impatient = <Item, Result>(
  write: (session: Session, items: Item[]) => Promise<Result[]>,
  items: Item[],
): ((session: Session) => Promise<Result[]>) => {
  let conflicts = 0;
  return async (session) => {
    try {
      return await write(session, items);
    } catch (error) {
      if (items.length === 1 || !isTransientConflict(error)) throw error;
      conflicts += 1;
      throw conflicts > CONFLICTS_BORNE ? new GroupConflictError() : error;
    }
  };
};
