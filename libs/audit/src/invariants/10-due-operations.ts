import { CLAIMABLE_STATUSES } from '@commissary/domain';
import { acrossTenants, type Database, type OperationDocument } from '@commissary/store';
import type { Invariant, InvariantContext } from '../invariant.js';
import type { QueueView } from '../reading/queue-view.js';

type Due = Pick<OperationDocument, '_id' | 'queue' | 'fence'> & { since: Date };

/** Two intervals of the dispatcher, and a second for the claim that follows. */
const GRACE_MS = 3_000;

export const dueOperationsAreQueued: Invariant = {
  number: 10,
  title: 'every due operation without a live lease is in Redis, or due for less than two dispatch intervals',
  notChecked: ({ queues }) => (queues ? null : '10: due operations in Redis, for none was given'),
  async *check(context) {
    const { queues, database } = context;
    if (!queues) return;
    for await (const operation of due(context)) {
      if (await queues.holds(operation.queue, operation._id, operation.fence)) continue;
      if (!(await stillWaits(database, queues, operation))) continue;
      const since = operation.since.toISOString();
      yield {
        invariant: 10,
        subject: operation._id,
        detail: `is due since ${since} and not on ${operation.queue}`,
      };
    }
  },
};

/** Waiting operations (neither paused, parked nor backing off) that no live lease has held for a while. */
const due = ({ snapshot, now }: InvariantContext): AsyncIterable<Due> =>
  snapshot.aggregate<Due>('operations', [
    { $match: { status: { $in: [...CLAIMABLE_STATUSES] } } },
    { $project: { queue: 1, fence: 1, since: { $max: ['$nextRunAt', '$lease.until'] } } },
    { $match: { since: { $lt: new Date(now.getTime() - GRACE_MS) } } },
  ]);

/** It may have been claimed since the snapshot: as it is now, nobody has it, and no job will wake a worker. */
const stillWaits = async ({ models }: Database, queues: QueueView, seen: Due): Promise<boolean> => {
  const current = await models.operations
    .findOne(
      { _id: seen._id },
      { fence: 1, status: 1, nextRunAt: 1 },
      acrossTenants('audit: whether it still waits'),
    )
    .lean();
  if (current?.fence !== seen.fence || current.nextRunAt > seen.since) return false;
  if (!(CLAIMABLE_STATUSES as readonly string[]).includes(current.status)) return false;
  return !(await queues.holds(seen.queue, seen._id, seen.fence));
};
