import { Injectable } from '@nestjs/common';
import { Failpoints } from '@commissary/platform';
import {
  ChunkChangedError,
  Database,
  DatabaseClock,
  type HeldLicense,
  LicenseChunks,
  type NewEvent,
  OperationRuns,
  type RunChange,
  type SubscriptionDocument,
  SweptLicenses,
  tell,
} from '@commissary/store';
import { Authority } from '../operations/authority.js';
import { Courtesy } from '../operations/courtesy.js';
import type { Run } from '../operations/run.js';

type Sweeping = Run<'cancellation'>;

const FULL_CHUNK = 2_000;
/** While somebody waits for something short. */
const SMALL_CHUNK = 250;

type Reading = Promise<HeldLicense[]>;

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
    private readonly swept: SweptLicenses,
    private readonly authority: Authority,
    private readonly courtesy: Courtesy,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
  ) {}

  /** True once no license is left; false when it is another's turn. */
  async sweep(run: Sweeping, subscription: SubscriptionDocument): Promise<boolean> {
    const { operation } = run;
    let size = FULL_CHUNK;
    let from = operation.cursor;
    let ahead: Reading | null = null;
    for (;;) {
      const reading: Reading = ahead ?? this.read(subscription, from, size);
      const [read] = await Promise.all([reading, this.authority.require(operation)]);
      const chunk = read.slice(0, size);
      // From the start once more, behind the last one: then nothing is left.
      if (chunk.length === 0 && from === null) return true;
      from = chunk.length < size ? null : lastUserOf(chunk);
      ahead = from === null ? null : this.readAhead(subscription, from);
      if (chunk.length === 0) continue;
      if (!(await this.committed(run, subscription, chunk))) [from, ahead] = [operation.cursor, null];
      await this.failpoints.hit('cancellation.chunk');
      if (run.shouldYield()) return false;
      size = (await this.courtesy.giveWay()) ? SMALL_CHUNK : FULL_CHUNK;
    }
  }

  private read({ tenantId, _id }: SubscriptionDocument, above: string | null, size: number): Reading {
    return this.chunks.next({ tenantId, subscriptionId: _id }, { above, upTo: null }, size);
  }

  /** The next chunk while this one is being committed; if it is not asked for, nothing but the read is lost. */
  private readAhead(subscription: SubscriptionDocument, from: string): Reading {
    const reading = this.read(subscription, from, FULL_CHUNK);
    // Whoever asks for it is told; a chunk that nobody asks for must not end the process.
    reading.catch(() => undefined);
    return reading;
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
  ): Promise<RunChange> {
    const { operation } = run;
    const users = chunk.filter((license) => !license.userDeleted).map((license) => license.userId);
    const left = chunk.filter((license) => license.userDeleted);
    const deleted = left.map((license) => license.userId);
    const change: RunChange = {
      cursor: lastUserOf(chunk),
      chunkWritten: true,
      progress: { done: users.length, skipped: deleted.length },
    };
    const from = { tenantId: operation.tenantId, subscriptionId: subscription._id };
    await this.database.transaction(async (session) => {
      await this.runs.advance(session, run.key, change);
      await this.swept.removeLiving(session, from, users);
      await this.chunks.remove(session, from, left);
      await this.chunks.countAssigned(session, operation.tenantId, subscription._id, -chunk.length);
      const now = this.clock.now();
      const groups = [
        { outcome: 'accessRemoved' as const, reason: null, userIds: users },
        { outcome: 'skipped' as const, reason: 'user_deleted' as const, userIds: deleted },
      ];
      await this.chunks.recordOutcomes(session, operation, operation.chunks, groups, now);
      await tell(this.database, session, now, { events: [accessRemoved(run, subscription, users)] });
      await this.failpoints.hit('cancellation.sweeping');
    });
    return change;
  }
}

const lastUserOf = (chunk: readonly HeldLicense[]): string | null => chunk.at(-1)?.userId ?? null;

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
