import { randomUUID } from 'node:crypto';
import type { OperationStep } from '@commissary/domain';
import type { Model, QueryFilter } from 'mongoose';
import type { Session } from '../database.js';
import { isDatabaseUnavailable } from '../database-errors.js';
import type { OperationDocument } from '../collections/index.js';
import { eachOwn } from '../each-own.js';
import { claimable, claimFields, nullIfOverdue, TRUSTED_STARTS } from './claiming.js';
import { LeaseLostError, type RunKey } from './run.js';
import { statusFields } from './status-fields.js';
import { acrossTenants } from '../schema/tenancy.js';

/** Writes of many runs at once: one command each, for an update of many costs a fifth of as many updates. */

type Operations = Model<OperationDocument>;

/** What a run of a single unit of work came to. */
export interface RunEnding {
  run: RunKey;
  result: object;
  /** What it made. */
  subscriptionId: string;
}

const TOGETHER = acrossTenants('worker: runs that it performs together');

/** Behind a lock that somebody left, all would wait for one. */
const CLAIM_ALL_WITHIN_MS = 200;

/** Those of them that were claimed, suspects left out. The claim's name tells them from what another claim of the same worker holds. */
export const claimAll = async (
  operations: Operations,
  asked: readonly { tenantId: string; operationId: string }[],
  worker: string,
): Promise<OperationDocument[]> => {
  const claim = randomUUID();
  const those = {
    _id: { $in: asked.map(({ operationId }) => operationId) },
    tenantId: { $in: [...new Set(asked.map(({ tenantId }) => tenantId))] },
  };
  // Some of them may be claimed whatever came between: the driver does not make an update of many once more.
  await operations
    .updateMany({ ...those, ...claimable(TRUSTED_STARTS) }, [{ $set: claimFields({ worker, claim }) }], {
      updatePipeline: true,
      maxTimeMS: CLAIM_ALL_WITHIN_MS,
      ...TOGETHER,
    })
    .catch((error: unknown) => (isDatabaseUnavailable(error) ? null : nullIfOverdue(error)));
  return operations.find({ ...those, 'lease.claim': claim }, null, TOGETHER).lean();
};

export const advanceAll = async (
  operations: Operations,
  session: Session,
  runs: readonly RunKey[],
  step: OperationStep,
): Promise<void> => {
  const { matchedCount } = await operations.updateMany(
    allFenced(runs),
    {
      $set: { starts: 0, providerFailures: 0, providerFailingSince: null, step },
      $inc: { version: 1 },
      $currentDate: { 'progress.at': true },
    },
    { session, ...TOGETHER },
  );
  if (matchedCount !== runs.length) throw someLeaseLost(runs);
};

export const succeedAll = async (
  operations: Operations,
  session: Session,
  endings: readonly RunEnding[],
): Promise<void> => {
  const runs = endings.map(({ run }) => run);
  const ids = runs.map(({ _id }) => _id);
  const { matchedCount } = await operations.updateMany(
    allFenced(runs),
    [
      {
        $set: statusFields('succeeded', {
          'progress.done': { $add: ['$progress.done', 1] },
          subscriptionId: eachOwn(
            ids,
            endings.map((ending) => ending.subscriptionId),
          ),
          lease: null,
          endedAt: '$$NOW',
          result: eachOwn(
            ids,
            endings.map((ending) => ending.result),
          ),
          error: null,
          starts: 0,
        }),
      },
    ],
    { updatePipeline: true, session, ...TOGETHER },
  );
  if (matchedCount !== runs.length) throw someLeaseLost(runs);
};

interface Branch {
  _id: { $in: string[] };
  tenantId: { $in: string[] };
  fence: number;
  cursor: string | null;
}

/** Matches each run by its own fence and cursor. Most runs share both, so that there are few branches. */
const allFenced = (runs: readonly RunKey[]): QueryFilter<OperationDocument> => {
  const branches = new Map<string, Branch>();
  for (const { _id, tenantId, fence, cursor } of runs) {
    const key = JSON.stringify([fence, cursor]);
    const branch = branches.get(key) ?? { _id: { $in: [] }, tenantId: { $in: [] }, fence, cursor };
    branch._id.$in.push(_id);
    if (!branch.tenantId.$in.includes(tenantId)) branch.tenantId.$in.push(tenantId);
    branches.set(key, branch);
  }
  return { status: 'running', $or: [...branches.values()] };
};

const someLeaseLost = (runs: readonly RunKey[]): LeaseLostError =>
  new LeaseLostError(runs.map(({ _id }) => _id).join(', '));
