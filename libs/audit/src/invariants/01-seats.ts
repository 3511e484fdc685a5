import { freeSeats, isEnded, reservedSeats } from '@commissary/domain';
import { notTakenOver, type OperationDocument, seatsOf, type SubscriptionDocument } from '@commissary/store';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { inBatches, type Joined, mergeJoin } from '../reading/streams.js';

type Counted = Pick<SubscriptionDocument, '_id' | 'seats'>;
interface LicenseCount {
  _id: string;
  licenses: number;
}
type Reserver = Pick<OperationDocument, '_id' | 'status' | 'type' | 'progress' | 'request'>;

/** What open moves have moved already and will count in their next chunk: how many licenses differ from each counter. */
const onTheWay = async ({ snapshot }: InvariantContext): Promise<ReadonlyMap<string, number>> => {
  const differences = new Map<string, number>();
  const add = (subscriptionId: string, by: number): void =>
    void differences.set(subscriptionId, (differences.get(subscriptionId) ?? 0) + by);
  const fields = ['moved', 'alreadyLicensed', 'skipped', 'chunks'] as const;
  for await (const tails of inBatches(snapshot.find('moveTails', { fields }))) {
    const ids = tails.map((tail) => tail._id);
    const moves = await snapshot.byIds('operations', ids, ['subscriptionId', 'request', 'tail']);
    for (const tail of tails) {
      const move = moves.get(tail._id);
      if (!move?.subscriptionId || !('targetSubscriptionId' in move.request)) continue;
      const { left, fromReservation } = seatsOf(notTakenOver(tail, move.tail));
      add(move.subscriptionId, -left);
      add(move.request.targetSubscriptionId, fromReservation);
    }
  }
  return differences;
};

/**
 * A change of a license counts its seat in the same transaction; only the second half of an open move is counted a little later,
 * and says itself how much.
 */
export const seatsAddUp: Invariant = {
  number: 1,
  title: 'assigned + reserved + free = purchased, and the counter equals the licenses',
  async *check(context) {
    const differences = await onTheWay(context);
    for await (const batch of inBatches(joined(context))) {
      const reservers = await context.snapshot.byIds('operations', reserverIds(batch), [
        'status',
        'type',
        'progress',
        'request',
      ]);
      for (const { key, left, right } of batch) {
        const counted = (right[0]?.licenses ?? 0) - (differences.get(key) ?? 0);
        // Licenses of no subscription at all are the second invariant's.
        for (const subscription of left) {
          yield* faultsOf(subscription, counted, reservers).map((detail) => violation(key, detail));
        }
      }
    }
  },
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 1, subject, detail });

const joined = ({ snapshot }: InvariantContext): AsyncIterable<Joined<Counted, LicenseCount>> =>
  mergeJoin(
    {
      rows: snapshot.find('subscriptions', { fields: ['seats'], sort: { _id: 1 } }),
      key: (subscription) => subscription._id,
    },
    {
      rows: snapshot.aggregate<LicenseCount>('licenses', [
        { $group: { _id: '$subscriptionId', licenses: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ]),
      key: (count) => count._id,
    },
  );

const reserverIds = (batch: readonly Joined<Counted, LicenseCount>[]): string[] =>
  batch.flatMap(({ left }) => left.flatMap(({ seats }) => seats.reservations.map((r) => r.operationId)));

const faultsOf = (
  { _id, seats }: Counted,
  licenses: number,
  reservers: ReadonlyMap<string, Reserver>,
): string[] => {
  const faults: string[] = [];
  if (seats.assigned !== licenses) {
    faults.push(`the counter says ${seats.assigned} assigned, and ${licenses} licenses are to be counted`);
  }
  if (freeSeats(seats) < 0) {
    faults.push(`${seats.purchased} purchased, ${seats.assigned} assigned, ${reservedSeats(seats)} reserved`);
  }
  if (seats.assigned < 0) faults.push(`${seats.assigned} assigned`);
  for (const reservation of seats.reservations) {
    const why = unexplained(_id, reservation.seats, reservers.get(reservation.operationId));
    if (why) faults.push(`${reservation.seats} seats reserved for ${reservation.operationId}, ${why}`);
  }
  return faults;
};

/** Seats are promised to an open move to this subscription, and no more than it may still place. Null if so. */
const unexplained = (
  subscriptionId: string,
  seats: number,
  operation: Reserver | undefined,
): string | null => {
  if (!operation) return 'which does not exist';
  if (isEnded(operation.status)) return 'which has ended';
  const { type, request, progress } = operation;
  const targets = type === 'move' && 'targetSubscriptionId' in request ? request.targetSubscriptionId : null;
  if (targets !== subscriptionId) return 'which does not move users here';
  const placeable = progress.total - (progress.done - progress.alreadyLicensed);
  return seats < 0 || seats > placeable ? `which may place ${placeable} more` : null;
};
