import {
  CLAIMABLE_STATUSES,
  ENDED_STATUSES,
  OPERATION_STATUSES,
  type OperationStatus,
} from '@commissary/domain';
import type { Database } from '../database.js';
import { acrossTenants } from '../schema/tenancy.js';

export interface OperationsHealth {
  operations: { queue: string; status: OperationStatus; count: number }[];
  /** How long the oldest due operation that nobody holds has waited, seconds; null if there is none. */
  oldestDueSeconds: number | null;
  mailsQueued: number;
}

const HEALTH = acrossTenants('operators: what waits');

const OPEN = OPERATION_STATUSES.filter((status) => !(ENDED_STATUSES as readonly string[]).includes(status));

/** What waits, over all tenants. [OPS-1] */
export const operationsHealth = async (database: Database, now: Date): Promise<OperationsHealth> => {
  const { operations, notifications } = database.models;
  const [counts, oldest, inOutbox, mailings] = await Promise.all([
    operations.aggregate<{ _id: { queue: string; status: OperationStatus }; count: number }>(
      [
        { $match: { status: { $in: OPEN } } },
        { $group: { _id: { queue: '$queue', status: '$status' }, count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ],
      HEALTH,
    ),
    operations
      .findOne(
        {
          status: { $in: [...CLAIMABLE_STATUSES] },
          nextRunAt: { $lte: now },
          $or: [{ lease: null }, { 'lease.until': { $lte: now } }],
        },
        { nextRunAt: 1 },
        { sort: { nextRunAt: 1 }, ...HEALTH },
      )
      .lean(),
    // The range lets the partial index of queued mails serve.
    notifications.countDocuments({ status: 'queued', nextAttemptAt: { $gte: new Date(0) } }, HEALTH),
    mailsOfMailings(database),
  ]);
  return {
    operations: counts.map(({ _id, count }) => ({ ..._id, count })),
    oldestDueSeconds: oldest ? Math.round((now.getTime() - oldest.nextRunAt.getTime()) / 1000) : null,
    mailsQueued: inOutbox + mailings,
  };
};

/** E-mails that wait for their place in the outbox. */
const mailsOfMailings = async ({ models }: Database): Promise<number> => {
  const [sum] = await models.events.aggregate<{ mails: number }>(
    [
      { $match: { mailing: { $exists: true } } },
      { $project: { template: '$mailing.template', named: { $objectToArray: '$data.recipients' } } },
      { $unwind: '$named' },
      { $match: { $expr: { $eq: ['$named.k', '$template'] } } },
      { $group: { _id: null, mails: { $sum: { $size: '$named.v' } } } },
    ],
    { hint: 'mailings', ...HEALTH },
  );
  return sum?.mails ?? 0;
};
