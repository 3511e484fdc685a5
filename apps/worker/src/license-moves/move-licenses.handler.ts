import { Injectable } from '@nestjs/common';
import { lastUserOf, LicenseChunks, SubscriptionsRepository } from '@commissary/store';
import { Authority } from '../operations/authority.js';
import { BulkWorkThrottle } from '../operations/bulk-work-throttle.js';
import { type OperationHandler, Run, type RunOutcome } from '../operations/run.js';
import { ChunkReader } from './chunk-reader.js';
import { Halves } from './halves.js';
import { FIRST_CHUNK, FULL_CHUNK, type Lane, step, walk } from './lane.js';
import { MoveChunks, type Sides } from './move-chunks.js';
import { MoveEnding } from './move-ending.js';

/** From so many users on a move goes in two halves at once. */
const MANY = 2_000;

/**
 * Moves the users of a self-service subscription to another one, a chunk a transaction: licenses, both seat counters, the
 * reservation, the users' outcomes, the cursor and the progress change together or not at all. [MOV-2..5]
 */
@Injectable()
export class MoveLicensesHandler implements OperationHandler<'move'> {
  readonly type = 'move';

  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly chunks: LicenseChunks,
    private readonly commits: MoveChunks,
    private readonly ending: MoveEnding,
    private readonly authority: Authority,
    private readonly throttle: BulkWorkThrottle,
  ) {}

  async run(run: Run<'move'>): Promise<RunOutcome> {
    const sides = await this.sidesOf(run);
    const { operation } = run;
    const firstChunk = operation.chunks === 0 ? FIRST_CHUNK : FULL_CHUNK;
    if (operation.step === null && operation.progress.total >= MANY) {
      if (!(await this.inHalves(run, sides, firstChunk))) return { kind: 'yield' };
      await this.commits.meet(run);
    }
    if (operation.step !== 'closed' && !(await walk(this.alone(run, sides), firstChunk))) {
      return { kind: 'yield' };
    }
    return this.ending.end(run, sides);
  }

  private async sidesOf(run: Run<'move'>): Promise<Sides> {
    const { tenantId, subscriptionId, request } = run.operation;
    if (subscriptionId === null) throw new Error(`${run.operation._id} names no source`);
    const [source, target] = await Promise.all([
      this.subscriptions.get(tenantId, subscriptionId),
      this.subscriptions.get(tenantId, request.targetSubscriptionId),
    ]);
    return { source, target };
  }

  private async inHalves(run: Run<'move'>, sides: Sides, firstChunk: number): Promise<boolean> {
    // The middle of a million takes a while to find, and the first progress must not wait for it.
    if (run.operation.chunks === 0) await step(this.alone(run, sides), firstChunk, firstChunk);
    const opened = await this.commits.open(run, sides);
    if (opened === null) return true;
    const parts = { ...opened, chunks: this.chunks, manners: this.manners(run) };
    return new Halves(run, sides, parts, this.commits).walk(firstChunk);
  }

  private manners({ operation }: Run<'move'>): Pick<Lane, 'requireAuthority' | 'yieldToPurchases'> {
    return {
      requireAuthority: () => this.authority.require(operation),
      yieldToPurchases: () => this.throttle.yieldToPurchases(),
    };
  }

  /** From the start to the end, and once more: behind the last one nothing should be left, unless some had to stay. */
  private alone(run: Run<'move'>, sides: Sides): Lane {
    const { operation } = run;
    const { tenantId, _id: subscriptionId } = sides.source;
    const reader = new ChunkReader(this.chunks, { tenantId, subscriptionId });
    return {
      next: async (size) => {
        const chunk = await reader.next(operation.cursor, size);
        const isLast = chunk.length > 0 || operation.cursor === null || operation.progress.failed > 0;
        return isLast ? chunk : reader.next(null, size);
      },
      readAhead: (chunk, size) => reader.readAhead(lastUserOf(chunk), size),
      commit: (chunk, giveUp) => this.commits.alone(run, sides, chunk, giveUp),
      shouldYield: () => run.shouldYield(),
      ...this.manners(run),
    };
  }
}
