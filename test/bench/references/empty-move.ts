/** A move without its database: the real queue, runner and handler over repositories that only pretend. */
import { createLogger, fixedClock, Failpoints } from '@commissary/platform';
import { JobProducer, wakeUpId } from '@commissary/queue';
import {
  type Between,
  type ClaimOutcome,
  type Database,
  type DatabaseClock,
  type HeldLicense,
  LicenseChunks,
  type MoveTailDocument,
  MoveTails,
  NO_TAIL,
  type OperationDocument,
  OperationRuns,
  type RunKey,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
  type TailCounts,
} from '@commissary/store';
import {
  type Authority,
  type BulkWorkThrottle,
  MoveChunks,
  MoveEnding,
  MoveLicensesHandler,
  OperationRunner,
} from '@commissary/worker';
import { StandaloneProcessor } from '../../support/standalone-processor.js';
import { type MoveData, moveData } from '../lib/data/move-data.js';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';

/** As the application has it. */
const CONCURRENCY = 2;

export interface EmptyMoveTask {
  /** So many moves, one after another, for one alone is over too soon to be timed. */
  times: number;
}

const NO_DATABASE = {
  transaction: <T>(work: (session: Session) => Promise<T>) => work({} as Session),
} as unknown as Database;

class PretendedRuns extends OperationRuns {
  operation: OperationDocument | null = null;

  constructor() {
    super(NO_DATABASE);
  }

  override async claim(): Promise<ClaimOutcome> {
    return this.operation ? { kind: 'claimed', operation: this.operation } : { kind: 'nothing' };
  }
  override async renew(): Promise<boolean> {
    return true;
  }
  override async advance(): Promise<void> {
    // The fenced write.
  }
  override async hold(): Promise<void> {
    // The fenced write of what takes it no further.
  }
  override async release(): Promise<OperationDocument | null> {
    return this.operation;
  }
}

class PretendedSubscriptions extends SubscriptionsRepository {
  constructor(private readonly byId: ReadonlyMap<string, SubscriptionDocument>) {
    super(NO_DATABASE);
  }
  override async get(_tenantId: string, subscriptionId: string): Promise<SubscriptionDocument> {
    const found = this.byId.get(subscriptionId);
    if (!found) throw new Error(`no ${subscriptionId}`);
    return found;
  }
}

class PretendedChunks extends LicenseChunks {
  private readonly held: readonly HeldLicense[];
  private left = 0;

  constructor(held: readonly HeldLicense[]) {
    super(NO_DATABASE);
    this.held = [...held].sort((a, b) => (a.userId < b.userId ? -1 : 1));
  }

  /** They are all there again. */
  restore(): void {
    this.left = this.held.length;
  }
  requireAllMoved(): void {
    if (this.left !== 0) throw new Error(`${this.left} users were not moved`);
  }

  /** Whoever was moved is behind the cursor; nobody is left for the last look from the start. */
  override async next(_of: unknown, { above, upTo }: Between, limit: number): Promise<HeldLicense[]> {
    if (this.left === 0) return [];
    const from = above === null ? 0 : this.placeBehind(above);
    const end = upTo === null ? this.held.length : this.placeBehind(upTo);
    return this.held.slice(from, Math.min(from + limit, end));
  }
  override async userAt(_of: unknown, above: string | null, skip: number): Promise<string | null> {
    return this.held[(above === null ? 0 : this.placeBehind(above)) + skip]?.userId ?? null;
  }

  /** By bisection. */
  private placeBehind(userId: string): number {
    let [low, high] = [0, this.held.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.held[middle]?.userId ?? '') <= userId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  override async move(
    _session: Session,
    _from: unknown,
    _to: unknown,
    users: { userIds: readonly string[] },
  ) {
    this.left -= users.userIds.length;
  }
  override async remove(): Promise<void> {
    // Those that leave.
  }
  override async transferSeats(): Promise<void> {
    // Both counters and the reservation.
  }
  override async recordOutcomes(): Promise<void> {
    // The results.
  }
}

/** The second half's document, in memory. */
class PretendedTails extends MoveTails {
  private tail: MoveTailDocument | null = null;

  constructor() {
    super(NO_DATABASE);
  }
  override async open(_session: Session, run: RunKey, middle: string): Promise<MoveTailDocument> {
    this.tail = {
      _id: run._id,
      tenantId: run.tenantId,
      fence: run.fence,
      middle,
      cursor: middle,
      ...NO_TAIL,
    };
    return { ...this.tail };
  }
  override async advance(
    _session: Session,
    _tail: unknown,
    cursor: string,
    counts: TailCounts,
  ): Promise<void> {
    if (!this.tail) throw new Error('no tail');
    const { moved, alreadyLicensed, skipped, chunks } = this.tail;
    this.tail = {
      ...this.tail,
      cursor,
      moved: moved + counts.moved,
      alreadyLicensed: alreadyLicensed + counts.alreadyLicensed,
      skipped: skipped + counts.skipped,
      chunks: chunks + counts.chunks,
    };
  }
  override async find(): Promise<MoveTailDocument | null> {
    return this.tail;
  }
  override async remove(): Promise<void> {
    this.tail = null;
  }
}

export const open = async (
  settings: StoreAddresses & { users: number },
): Promise<OpenSide<EmptyMoveTask, void>> => {
  const data = moveData(settings.users);
  const log = createLogger('worker', 'info');
  const clock = fixedClock(new Date()) as DatabaseClock;
  const runs = new PretendedRuns();
  const chunks = new PretendedChunks(data.licenses.map(({ userId }) => ({ userId, userDeleted: false })));
  const producer = JobProducer.connect({ redisUrl: settings.redisUrl, prefix: settings.queuePrefix });
  const runner = new OperationRunner(runs, producer, clock, log, 'bench');
  const handler = handlerOf(data, runs, chunks, clock);
  let whenDone: (() => void) | null = null;
  let count = 0;
  const processor = new StandaloneProcessor({
    queue: 'license-moves',
    handlers: {
      'license-move.run': async (job) => {
        const outcome = await runner.handle(handler, job);
        whenDone?.();
        return outcome;
      },
    },
    concurrency: CONCURRENCY,
    redisUrl: settings.redisUrl,
    prefix: settings.queuePrefix,
    log,
  });
  processor.start();
  const moveOnce = async (): Promise<void> => {
    runs.operation = structuredClone(data.operation);
    chunks.restore();
    const { _id: operationId, tenantId } = data.operation;
    const done = new Promise<void>((resolve) => (whenDone = resolve));
    const jobId = wakeUpId(operationId, (count += 1));
    await producer.enqueue({ name: 'license-move.run', payload: { v: 1, operationId, tenantId }, jobId });
    await done;
    chunks.requireAllMoved();
  };
  return {
    run: async ({ times }) => {
      for (let i = 0; i < times; i += 1) await moveOnce();
    },
    close: async () => {
      await processor.stop();
      await producer.close();
    },
  };
};

const handlerOf = (
  { source, target }: MoveData,
  runs: PretendedRuns,
  chunks: PretendedChunks,
  clock: DatabaseClock,
): MoveLicensesHandler => {
  const subscriptions = new PretendedSubscriptions(new Map([source, target].map((each) => [each._id, each])));
  const ending = { end: async () => ({ kind: 'ended' }) } as unknown as MoveEnding;
  const parts = [NO_DATABASE, runs, new PretendedTails(), subscriptions, chunks] as const;
  const commits = new MoveChunks(...parts, clock, new Failpoints(''));
  const authority = { require: async () => undefined } as unknown as Authority;
  const throttle = { yieldToPurchases: async () => false } as unknown as BulkWorkThrottle;
  return new MoveLicensesHandler(subscriptions, chunks, commits, ending, authority, throttle);
};
