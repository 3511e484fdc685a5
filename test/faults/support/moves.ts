import type { OperationView } from '@commissary/contracts';
import { isEnded } from '@commissary/domain';
import type { OperationDocument } from '@commissary/store';
import { setTimeout as delay } from 'node:timers/promises';
import type { Seeded } from '../../e2e/support/commands.js';
import { database } from '../../e2e/support/database.js';
import { eventually } from '../../e2e/support/eventually.js';

export const handled = ({
  progress: { done, skipped, failed },
}: Pick<OperationDocument, 'progress'>): number => done + skipped + failed;

export const operationNow = async (id: string): Promise<OperationDocument> => {
  const operation = await (await database()).collections.operations.findOne({ _id: id });
  if (!operation) throw new Error(`${id} is not there`);
  return operation;
};

/** Resolves with what was handled once it is more than before, or the operation has ended. */
export const beyond = (id: string, before: number, withinMs: number): Promise<number> =>
  eventually(
    `${id} comes further than ${before}`,
    async () => {
      const operation = await operationNow(id);
      return handled(operation) > before || isEnded(operation.status) ? handled(operation) : undefined;
    },
    withinMs,
  );

export interface Watch {
  /** Stops looking; what was seen to be wrong, in words. */
  end(): Promise<string[]>;
}

const LOOK_EVERY_MS = 150;

/**
 * Looks at a move all the time: its progress never falls, and its users have exactly one license each, but for those in
 * `leaving`. [MOV-3, MOV-4]
 */
export const watchMove = (
  operation: OperationView,
  seeded: Seeded,
  users: number,
  leaving: readonly string[] = [],
): Watch => {
  const wrong: string[] = [];
  let watching = true;
  let seen = 0;
  const look = async (): Promise<void> => {
    const now = handled(await operationNow(operation.id));
    if (now < seen) wrong.push(`progress fell from ${seen} to ${now}`);
    seen = now;
    const licenses = await licensesOfBoth(seeded, leaving);
    const staying = users - leaving.length;
    if (licenses !== staying) wrong.push(`${licenses} licenses for ${staying} users`);
  };
  const watch = async (): Promise<void> => {
    while (watching) {
      // MongoDB may be away for a moment: that is another test's doing.
      await look().catch(() => undefined);
      await delay(LOOK_EVERY_MS);
    }
  };
  const looking = watch();
  return {
    end: async () => {
      watching = false;
      await looking;
      return wrong;
    },
  };
};

/** Source and target together, in one snapshot: a license that moves meanwhile is counted once. */
const licensesOfBoth = async (seeded: Seeded, leaving: readonly string[]): Promise<number> => {
  const base = await database();
  const { tenantId, sourceSubscriptionId, targetSubscriptionId } = seeded;
  const both = {
    tenantId,
    subscriptionId: { $in: [sourceSubscriptionId, targetSubscriptionId] },
    userId: { $nin: [...leaving] },
  };
  return base.transaction((session) => base.collections.licenses.countDocuments(both, { session }));
};
