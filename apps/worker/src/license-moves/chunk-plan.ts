import type { HeldLicense } from '@commissary/store';

/** What happens to each license of a chunk; users in the order of their ids. */
export interface ChunkPlan {
  move: HeldLicense[];
  /** Hold the target's product already: they only lose the old license. [MOV-4] */
  alreadyLicensed: HeldLicense[];
  /** Their user was deleted meanwhile. */
  deleted: HeldLicense[];
  /** Hold it too, by a subscription that is disabled or deleted: they keep what they work with. [MOV-4] */
  unusable: HeldLicense[];
  /** No seat is left for them; they stay where they are. */
  noSeat: HeldLicense[];
  /** Could not be moved, each alone and tried again; they stay too. */
  stuck: HeldLicense[];
}

const NOBODY: ChunkPlan = {
  move: [],
  alreadyLicensed: [],
  deleted: [],
  unusable: [],
  noSeat: [],
  stuck: [],
};

/** For licenses that no transaction could move. */
export const leaveBehind = (chunk: readonly HeldLicense[]): ChunkPlan => ({ ...NOBODY, stuck: [...chunk] });

/** Users by what became of them, with the reason. */
export const outcomesOf = (plan: ChunkPlan) => [
  { outcome: 'moved' as const, reason: null, userIds: userIdsOf(plan.move) },
  { outcome: 'alreadyLicensed' as const, reason: null, userIds: userIdsOf(plan.alreadyLicensed) },
  { outcome: 'skipped' as const, reason: 'user_deleted' as const, userIds: userIdsOf(plan.deleted) },
  {
    outcome: 'failed' as const,
    reason: 'license_not_usable' as const,
    userIds: userIdsOf(plan.unusable),
  },
  { outcome: 'failed' as const, reason: 'no_free_seat' as const, userIds: userIdsOf(plan.noSeat) },
  { outcome: 'failed' as const, reason: 'conflict' as const, userIds: userIdsOf(plan.stuck) },
];

export const userIdsOf = (licenses: readonly HeldLicense[]): string[] =>
  licenses.map((license) => license.userId);

/** Who of the failed stays where they are. */
export const leftBehind = ({ unusable, noSeat, stuck }: ChunkPlan): number =>
  unusable.length + noSeat.length + stuck.length;

/**
 * Sorts a chunk by outcome. `seats` is how many more the target can take: reserved for this move, or free.
 * `holders` are the users of the chunk who hold the target's product by another subscription, and whether they can
 * use it; nobody for the same product.
 */
export const planChunk = (
  chunk: readonly HeldLicense[],
  holders: ReadonlyMap<string, { usable: boolean }>,
  seats: number,
): ChunkPlan => {
  const deleted = chunk.filter((license) => license.userDeleted);
  const living = chunk.filter((license) => !license.userDeleted);
  const alreadyLicensed = living.filter((license) => holders.get(license.userId)?.usable === true);
  const unusable = living.filter((license) => holders.get(license.userId)?.usable === false);
  const movable = living.filter((license) => !holders.has(license.userId));
  const [move, noSeat] = [movable.slice(0, seats), movable.slice(seats)];
  return { ...NOBODY, deleted, alreadyLicensed, unusable, move, noSeat };
};
