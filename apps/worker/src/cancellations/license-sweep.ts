import { Injectable } from '@nestjs/common';
import { Failpoints } from '@commissary/platform';
import {
  ChunkChangedError,
  Database,
  DatabaseClock,
  type HeldLicense,
  lastUserOf,
  LicenseChunks,
  type NewEvent,
  OperationRuns,
  type RunChange,
  type SubscriptionDocument,
  recordChange,
} from '@commissary/store';
import { Authority } from '../operations/authority.js';
import { BulkWorkThrottle } from '../operations/bulk-work-throttle.js';
import type { Run } from '../operations/run.js';

type Sweeping = Run<'cancellation'>;

/** As large as a move's: what a transaction costs by itself hardly counts, and it is over within a fifth of a second. */
const FULL_CHUNK = 4_000;
/** While somebody waits for something short. */
const SMALL_CHUNK = 250;

interface Reading {
  size: number;
  licenses: Promise<HeldLicense[]>;
}

/**
 * Removes the licenses of a subscription that gives no access any more, in the order of user ids, a chunk a transaction: licenses,
 * seat counter, cursor, progress, the users' outcomes and the e-mails owed to them change together or not at all. [CAN-2]
 */
@Injectable()
export class LicenseSweep {
  constructor(
    private readonly database: Database,
    private readonly runs: OperationRuns,
    private readonly chunks: LicenseChunks,
    private readonly authority: Authority,
    private readonly throttle: BulkWorkThrottle,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** True once no license is left; false when it is another's turn. */
  async sweep(run: Sweeping, subscription: SubscriptionDocument): Promise<boolean> {
    const { operation } = run;
    let from = operation.cursor;
    for (let ahead: Reading | null = null; ;) {
      const reading: Reading = ahead ?? this.read(subscription, from, FULL_CHUNK);
      const [read, somebodyWaits] = await Promise.all([
        reading.licenses,
        this.throttle.yieldToPurchases(),
        this.authority.require(operation),
      ]);
      // From the start once more, behind the last one: then nothing is left.
      if (read.length === 0 && from === null) return true;
      const size = somebodyWaits ? SMALL_CHUNK : FULL_CHUNK;
      const chunk = read.slice(0, size);
      const isLast = read.length < reading.size && read.length === chunk.length;
      from = isLast ? null : lastUserOf(chunk);
      ahead = from === null ? null : this.read(subscription, from, size);
      if (chunk.length === 0) continue;
      if (!(await this.committed(run, subscription, chunk))) [from, ahead] = [operation.cursor, null];
      await this.failpoints.hit('cancellation.chunk');
      if (run.shouldYield()) return false;
    }
  }

  /** Begins to read, the next chunk while one is being committed; if nobody asks for it, nothing but the read is lost. */
  private read({ tenantId, _id }: SubscriptionDocument, above: string | null, size: number): Reading {
    const of = { tenantId, subscriptionId: _id };
    const licenses = this.chunks.next(of, { above, upTo: null }, size);
    // Whoever asks for it is told; a chunk that nobody asks for must not end the process.
    licenses.catch(() => undefined);
    return { size, licenses };
  }

  /** False if licenses changed under it: the chunk has to be read again. */
  private async committed(
    run: Sweeping,
    subscription: SubscriptionDocument,
    chunk: HeldLicense[],
  ): Promise<boolean> {
    try {
      run.committed(await this.commit(run, subscription, chunk));
      return true;
    } catch (error) {
      if (error instanceof ChunkChangedError) return false;
      throw error;
    }
  }

  private async commit(
    run: Sweeping,
    subscription: SubscriptionDocument,
    chunk: HeldLicense[],
  ): Promise<RunChange<'cancellation'>> {
    const { operation } = run;
    const users = chunk.filter((license) => !license.userDeleted).map((license) => license.userId);
    const left = chunk.filter((license) => license.userDeleted);
    const deleted = left.map((license) => license.userId);
    const change: RunChange<'cancellation'> = {
      cursor: lastUserOf(chunk),
      chunkWritten: true,
      progress: { done: users.length, skipped: deleted.length },
    };
    const from = { tenantId: operation.tenantId, subscriptionId: subscription._id };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      await this.chunks.removeLiving(session, from, users);
      await this.chunks.remove(session, from, left);
      await this.chunks.countAssigned(session, operation.tenantId, subscription._id, -chunk.length);
      const now = this.clock.now();
      const groups = [
        { outcome: 'accessRemoved' as const, reason: null, userIds: users },
        { outcome: 'skipped' as const, reason: 'user_deleted' as const, userIds: deleted },
      ];
      await this.chunks.recordOutcomes(session, operation, operation.chunks, groups, now);
      await recordChange(this.database, session, now, { events: [accessRemoved(run, subscription, users)] });
      await this.failpoints.hit('cancellation.sweeping');
    });
    return change;
  }
}

/** One event a chunk, which owes its users their e-mails: a row of the outbox for each costs more than all the rest. [CAN-2] */
const accessRemoved = (run: Sweeping, subscription: SubscriptionDocument, users: string[]): NewEvent => ({
  tenantId: run.operation.tenantId,
  type: 'access.removed',
  subjectId: subscription._id,
  operationId: run.operation._id,
  data: { recipients: { accessRemoved: users } },
  ...(users.length > 0 && {
    mailing: {
      template: 'accessRemoved',
      params: { subscriptionId: subscription._id, productName: subscription.productName },
    },
  }),
});
