import { isEnded, pendingOf } from '@commissary/domain';
import {
  FIRST_TAIL_SEQ,
  NO_TAIL,
  notTakenOver,
  type OperationDocument,
  type OperationResultDocument,
  progressOf,
  RETENTION,
  type TailCounts,
} from '@commissary/store';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { mergeJoin } from '../reading/streams.js';

type Operation = Pick<
  OperationDocument,
  '_id' | 'type' | 'status' | 'error' | 'progress' | 'chunks' | 'tail' | 'createdAt'
>;
type Outcome = OperationResultDocument['groups'][number]['outcome'];

/** Chunks of one operation, of its head and of its tail, and how many users had which outcome. */
interface Outcomes {
  _id: string;
  chunks: number;
  lastSeq: number;
  tailChunks: number;
  lastTailSeq: number;
  counts: { outcome: Outcome; users: number }[];
}

export const progressAddsUp: Invariant = {
  number: 6,
  title: 'done + skipped + failed + pending = total; one result per user; ended means nothing pending',
  async *check(context) {
    const fields = ['type', 'status', 'error', 'progress', 'chunks', 'tail', 'createdAt'] as const;
    const tails = await tailsOf(context);
    const joined = mergeJoin(
      {
        rows: context.snapshot.find('operations', { fields, sort: { _id: 1 } }),
        key: (operation) => operation._id,
      },
      { rows: outcomes(context), key: (sums) => sums._id },
    );
    for await (const { left, right } of joined) {
      for (const operation of left) {
        const faults = [
          ...counterFaults(operation),
          ...resultFaults(operation, tails.get(operation._id), right[0], context.now),
        ];
        yield* faults.map((detail) => violation(operation._id, detail));
      }
    }
    yield* usersWithTwoResults(context);
    for (const _id of tails.keys()) {
      const { status } = (await context.snapshot.byIds('operations', [_id], ['status'])).get(_id) ?? {};
      if (!status || isEnded(status)) yield violation(_id, `is ${status ?? 'unknown'}, and its tail is left`);
    }
  },
};

/** The second halves of open moves, by their operation. */
const tailsOf = async ({ snapshot }: InvariantContext): Promise<ReadonlyMap<string, TailCounts>> => {
  const tails = new Map<string, TailCounts>();
  const fields = ['moved', 'alreadyLicensed', 'skipped', 'chunks'] as const;
  for await (const tail of snapshot.find('moveTails', { fields })) tails.set(tail._id, tail);
  return tails;
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 6, subject, detail });

const counterFaults = ({ status, error, progress }: Operation): string[] => {
  const { total, done, skipped, failed, alreadyLicensed } = progress;
  const pending = pendingOf(progress);
  const faults: string[] = [];
  if (Math.min(total, done, skipped, failed, pending, alreadyLicensed, done - alreadyLicensed) < 0) {
    faults.push(`counts ${done} done, ${skipped} skipped, ${failed} failed of ${total}`);
  }
  const mayLeaveSome = status === 'stopped' || error?.code === 'discarded';
  if (isEnded(status) && pending > 0 && !mayLeaveSome) faults.push(`is ${status} with ${pending} pending`);
  return faults;
};

const isOfTail = { $gte: ['$seq', FIRST_TAIL_SEQ] };

const outcomes = ({ snapshot }: InvariantContext): AsyncIterable<Outcomes> =>
  snapshot.aggregate<Outcomes>('operationResults', [
    {
      $project: {
        operationId: 1,
        seq: 1,
        counts: {
          $map: {
            input: '$groups',
            in: { outcome: '$$this.outcome', users: { $size: '$$this.userIds' } },
          },
        },
      },
    },
    {
      $group: {
        _id: '$operationId',
        chunks: { $sum: { $cond: [isOfTail, 0, 1] } },
        lastSeq: { $max: { $cond: [isOfTail, -1, '$seq'] } },
        tailChunks: { $sum: { $cond: [isOfTail, 1, 0] } },
        lastTailSeq: { $max: { $cond: [isOfTail, '$seq', FIRST_TAIL_SEQ - 1] } },
        counts: { $push: '$counts' },
      },
    },
    {
      $set: {
        counts: {
          $reduce: { input: '$counts', initialValue: [], in: { $concatArrays: ['$$value', '$$this'] } },
        },
      },
    },
    { $sort: { _id: 1 } },
  ]);

/** Operations on users. */
const WITH_RESULTS: readonly Operation['type'][] = ['move', 'cancellation'];

/** Only operations on users write results, in the transaction that counts them. Old ones expire. [RET-1] */
const resultFaults = (
  operation: Operation,
  openTail: TailCounts | undefined,
  results: Outcomes | undefined,
  now: Date,
): string[] => {
  const ageSeconds = (now.getTime() - operation.createdAt.getTime()) / 1000;
  if (!WITH_RESULTS.includes(operation.type) || ageSeconds > RETENTION.operations) return [];
  const chunks = results?.chunks ?? 0;
  const faults: string[] = [];
  if (chunks !== operation.chunks || (results?.lastSeq ?? -1) !== chunks - 1) {
    faults.push(`wrote ${operation.chunks} chunks of results, and there are ${chunks}`);
  }
  const tail = openTail ?? operation.tail ?? NO_TAIL;
  const { tailChunks = 0, lastTailSeq = FIRST_TAIL_SEQ - 1 } = results ?? {};
  if (tailChunks !== tail.chunks || lastTailSeq !== FIRST_TAIL_SEQ + tailChunks - 1) {
    faults.push(`wrote ${tail.chunks} chunks of results from the end, and there are ${tailChunks}`);
  }
  const usersWith = (...wanted: Outcome[]): number =>
    (results?.counts ?? []).filter((c) => wanted.includes(c.outcome)).reduce((sum, c) => sum + c.users, 0);
  const behind = progressOf(notTakenOver(tail, openTail ? operation.tail : tail));
  const done = operation.progress.done + behind.done;
  const skipped = operation.progress.skipped + behind.skipped;
  const alreadyLicensed = operation.progress.alreadyLicensed + behind.alreadyLicensed;
  const { failed } = operation.progress;
  const compared = [
    ['done', done, usersWith('moved', 'alreadyLicensed', 'accessRemoved')],
    ['already licensed', alreadyLicensed, usersWith('alreadyLicensed')],
    ['skipped', skipped, usersWith('skipped')],
    ['failed', failed, usersWith('failed')],
  ] as const;
  for (const [name, counted, listed] of compared) {
    if (counted !== listed) faults.push(`counts ${counted} ${name}, and lists ${listed}`);
  }
  return faults;
};

async function* usersWithTwoResults({ snapshot }: InvariantContext): AsyncIterable<Violation> {
  const twice = snapshot.aggregate<{ _id: { operationId: string; userId: string }; results: number }>(
    'operationResults',
    [
      { $unwind: '$groups' },
      { $unwind: '$groups.userIds' },
      { $group: { _id: { operationId: '$operationId', userId: '$groups.userIds' }, results: { $sum: 1 } } },
      { $match: { results: { $gt: 1 } } },
    ],
  );
  for await (const { _id, results } of twice) {
    yield violation(_id.operationId, `has ${results} results of ${_id.userId}`);
  }
}
