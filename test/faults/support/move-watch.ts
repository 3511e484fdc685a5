import { setTimeout as delay } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import type { OperationView } from '@commissary/contracts';
import { database } from '../../e2e/support/database.js';
import { eventsOf } from '../../e2e/support/operations.js';
import { type Person, UnexpectedAnswer } from '../../e2e/support/person.js';
import type { LargeMove } from './large-move.js';
import { handled } from './moves.js';
import { collectionsOf } from '../../support/driver.js';

export interface Changing {
  /** Users who are deleted meanwhile. */
  deleted?: readonly string[];
  /** Users whose new license an admin takes away meanwhile. */
  unassigned?: readonly string[];
}

export interface Watch {
  /** Once the operation has ended: stops looking; what was seen to be wrong, in words. */
  end(): Promise<string[]>;
}

// A test that failed has not ended its watch.
const fileOver = new AbortController();
afterAll(() => {
  fileOver.abort();
});

const LOOK_EVERY_MS = 150;
const AGAIN_AFTER_MS = 200;
const END_SHOWN_WITHIN_MS = 60_000;
const FEWEST_LOOKS = 3;

/**
 * Looks at a move all the time: each of its living users holds exactly one license of source or target, and its progress never
 * falls, neither as polled nor as told by events, whoever is away for a moment. [MOV-3, MOV-4]
 */
export const watchMove = (
  { id }: Pick<OperationView, 'id'>,
  { watcher, ...stage }: LargeMove,
  changing: Changing = {},
): Watch => {
  const wrong: string[] = [];
  const over = new AbortController();
  const ending = AbortSignal.any([over.signal, fileOver.signal]);
  const looking = lookAgainAndAgain(ending, async () => {
    wrong.push(...(await licensesAmiss(stage, changing)));
  }).then((looks) => {
    if (looks < FEWEST_LOOKS) wrong.push(`the licenses were looked at ${looks} times only`);
  });
  const polled = rising('as polled', wrong);
  const polling = lookAgainAndAgain(
    ending,
    async () => {
      const { status, body } = await watcher.get<OperationView>(`/v1/operations/${id}`);
      if (status === 200) polled(body);
    },
    wrong,
  );
  const following = follow(watcher, id, rising('by events', wrong));
  return {
    end: async () => {
      over.abort();
      await Promise.all([looking, polling]);
      const late = delay(END_SHOWN_WITHIN_MS, 'late' as const, { ref: false });
      if ((await Promise.race([following, late])) === 'late') wrong.push('no event told of the end');
      return wrong;
    },
  };
};

/** How often it was looked. MongoDB or the gateway may be away for a moment, but no answer may break its contract. */
const lookAgainAndAgain = async (
  over: AbortSignal,
  look: () => Promise<void>,
  wrong: string[] = [],
): Promise<number> => {
  let looks = 0;
  while (!over.aborted) {
    try {
      await look();
      looks += 1;
    } catch (error) {
      if (error instanceof UnexpectedAnswer) wrong.push(error.message);
    }
    await delay(LOOK_EVERY_MS);
  }
  return looks;
};

const rising = (how: string, wrong: string[]) => {
  let seen = 0;
  return (operation: OperationView): void => {
    const now = handled(operation);
    if (now < seen) wrong.push(`progress ${how} fell from ${seen} to ${now}`);
    seen = now;
  };
};

/** Comes again where it was when the stream breaks, until the end was told. */
const follow = async (
  who: Person,
  id: string,
  onChange: (operation: OperationView) => void,
): Promise<void> => {
  let last: string | undefined;
  while (!fileOver.signal.aborted) {
    try {
      for await (const { id: at, event, operation } of eventsOf(who, id, last)) {
        last = at;
        onChange(operation);
        if (event === 'ended') return;
      }
    } catch {
      // The gateway, or MongoDB behind it, is away.
    }
    await delay(AGAIN_AFTER_MS);
  }
};

/** Source, target and directory in one snapshot. */
const licensesAmiss = async (
  { seeded, holders }: Omit<LargeMove, 'watcher'>,
  { deleted = [], unassigned = [] }: Changing,
): Promise<string[]> => {
  const base = await database();
  const { tenantId, sourceSubscriptionId, targetSubscriptionId } = seeded;
  const both = { $in: [sourceSubscriptionId, targetSubscriptionId] };
  const { held, gone } = await base.transaction(async (session) => {
    const [found] = await collectionsOf(base)
      .licenses.aggregate<{ userIds: string[] }>(
        [
          { $match: { tenantId, subscriptionId: both, userDeletedAt: { $exists: false } } },
          { $group: { _id: null, userIds: { $push: '$userId' } } },
        ],
        { session },
      )
      .toArray();
    const users = await collectionsOf(base)
      .users.find({ tenantId, _id: { $in: [...deleted] }, state: 'deleted' }, { session })
      .toArray();
    return { held: found?.userIds ?? [], gone: new Set(users.map(({ _id }) => _id)) };
  });
  const once = new Set(held);
  const excused = new Set([...gone, ...unassigned]);
  const amiss = {
    'users hold two licenses': held.length - once.size,
    'users hold none': holders.filter((user) => !once.has(user) && !excused.has(user)).length,
    'deleted users hold one': [...gone].filter((user) => once.has(user)).length,
  };
  return Object.entries(amiss).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]));
};
