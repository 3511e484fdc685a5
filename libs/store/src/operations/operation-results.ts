import type { OutcomeReason, UserOutcome } from '@commissary/domain';
import type { Database } from '../database.js';

/** One user's outcome, and where it stands among the operation's. */
export interface OutcomeRow {
  /** Chunk and place in it: ordered, and stable once written. */
  seq: number;
  offset: number;
  userId: string;
  outcome: UserOutcome;
  reason: OutcomeReason | null;
}

export interface OutcomeFilter {
  outcome?: UserOutcome | undefined;
  /** Go on after this row. */
  after?: Pick<OutcomeRow, 'seq' | 'offset'>;
}

/**
 * Outcomes of an operation's users in the order they were dealt with, unrolled from the chunk documents as they are read:
 * flat memory for a million. [MOV-5]
 */
export async function* readOutcomes(
  database: Database,
  tenantId: string,
  operationId: string,
  { outcome, after }: OutcomeFilter = {},
): AsyncGenerator<OutcomeRow> {
  const chunks = database.collections.operationResults
    .find({
      operationId,
      tenantId,
      ...(after && { seq: { $gte: after.seq } }),
      ...(outcome && { 'groups.outcome': outcome }),
    })
    .sort({ seq: 1 })
    .batchSize(10);
  for await (const { seq, groups } of chunks) {
    let offset = 0;
    for (const group of groups) {
      for (const userId of group.userIds) {
        const row = { seq, offset, userId, outcome: group.outcome, reason: group.reason };
        offset += 1;
        if (outcome !== undefined && row.outcome !== outcome) continue;
        if (after && row.seq === after.seq && row.offset <= after.offset) continue;
        yield row;
      }
    }
  }
}
