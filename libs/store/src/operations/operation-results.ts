import type { OutcomeReason, UserOutcome } from '@commissary/domain';
import type { Database } from '../database.js';
import type { OperationResultDocument } from '../collections/index.js';
import { FIRST_TAIL_SEQ } from '../takeover/license-chunks.js';

/** Where an outcome stands: its chunk, and its place in it; stable once written. */
export interface OutcomePlace {
  seq: number;
  offset: number;
}

/** One user's outcome, and where it stands among the operation's. */
export interface OutcomeRow extends OutcomePlace {
  userId: string;
  outcome: UserOutcome;
  reason: OutcomeReason | null;
}

export interface OutcomeFilter {
  outcome?: UserOutcome | undefined;
  /** Go on after these rows: the last one that was read of each half, where there is one. */
  after?: readonly OutcomePlace[];
}

/** Both halves of a move write at once; each appends to chunks of its own numbers, so that each is read on by itself. */
const HALVES = [
  { from: 0, below: FIRST_TAIL_SEQ },
  { from: FIRST_TAIL_SEQ, below: Number.MAX_SAFE_INTEGER },
] as const;

type Half = (typeof HALVES)[number];

/** Chunks read together at most, some 10,000 users; a page wants one. */
const MOST_CHUNKS = 3;

const isOf = ({ from, below }: Half, { seq }: OutcomePlace): boolean => seq >= from && seq < below;

/** The places to go on from, once these rows were read too. */
export const furthestPlaces = (
  before: readonly OutcomePlace[],
  rows: readonly OutcomePlace[],
): OutcomePlace[] =>
  HALVES.flatMap((half) => {
    const last = [...before, ...rows].findLast((place) => isOf(half, place));
    return last ? [{ seq: last.seq, offset: last.offset }] : [];
  });

/**
 * Outcomes of an operation's users, each half's in the order they were dealt with, unrolled from the chunk documents as they
 * are read: flat memory for a million, and nothing open in between for a reader who is slow, or goes. [MOV-5]
 */
export async function* readOutcomes(
  database: Database,
  tenantId: string,
  operationId: string,
  { outcome, after = [] }: OutcomeFilter = {},
): AsyncGenerator<OutcomeRow> {
  for (const half of HALVES) {
    const last = after.find((place) => isOf(half, place));
    for await (const chunk of chunksOf(database, { tenantId, operationId, outcome }, half, last)) {
      for (const row of rowsOf(chunk)) {
        if (outcome !== undefined && row.outcome !== outcome) continue;
        if (last?.seq === row.seq && row.offset <= last.offset) continue;
        yield row;
      }
    }
  }
}

type Chunk = Pick<OperationResultDocument, 'seq' | 'groups'>;

async function* chunksOf(
  { models }: Database,
  { outcome, ...of }: { tenantId: string; operationId: string; outcome: UserOutcome | undefined },
  { from, below }: Half,
  last: OutcomePlace | undefined,
): AsyncGenerator<Chunk> {
  let least = last?.seq ?? from;
  for (let limit = 1; ; limit = Math.min(MOST_CHUNKS, limit * 2)) {
    const chunks = await models.operationResults
      .find(
        { ...of, seq: { $gte: least, $lt: below }, ...(outcome && { 'groups.outcome': outcome }) },
        { _id: 0, seq: 1, groups: 1 },
        { sort: { seq: 1 }, limit },
      )
      .lean();
    yield* chunks;
    const end = chunks.at(-1);
    if (!end || chunks.length < limit) return;
    least = end.seq + 1;
  }
}

function* rowsOf({ seq, groups }: Chunk): Generator<OutcomeRow> {
  let offset = 0;
  for (const { outcome, reason, userIds } of groups) {
    for (const userId of userIds) {
      yield { seq, offset, userId, outcome, reason };
      offset += 1;
    }
  }
}
