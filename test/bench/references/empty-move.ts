/** A move without its database: the real queue, runner and handler over repositories that only pretend. */
import { createLogger, fixedClock, Failpoints } from '@commissary/platform';
import { JobProducer, QueueProcessor, wakeUpId } from '@commissary/queue';
import {
  type ClaimOutcome,
  type Database,
  type DatabaseClock,
  type HeldLicense,
  LicenseChunks,
  type OperationDocument,
  OperationRuns,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
} from '@commissary/store';
import { MoveEnding, MoveLicensesHandler, OperationRunner } from '@commissary/worker';
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
  private at = 0;

  constructor(private readonly held: readonly HeldLicense[]) {
    super(NO_DATABASE);
  }
  override async next(_t: string, _s: string, after: string | null, limit: number): Promise<HeldLicense[]> {
    if (after === null) this.at = 0;
    // The second look from the start finds nothing left.
    if (after === null && this.wholeOnce) return [];
    const chunk = this.held.slice(this.at, this.at + limit);
    this.at += chunk.length;
    this.wholeOnce = this.at === this.held.length;
    return chunk;
  }
  private wholeOnce = false;

  again(): void {
    this.at = 0;
    this.wholeOnce = false;
  }
  override async move(): Promise<void> {
    // The licenses.
  }
  override async remove(): Promise<void> {
    // Those that leave.
  }
  override async countAssigned(): Promise<void> {
    // The source's counter.
  }
  override async takeSeats(): Promise<void> {
    // The target's counter and reservation.
  }
  override async recordOutcomes(): Promise<void> {
    // The results.
  }
}

export const open = async (
  settings: StoreAddresses & { users: number },
): Promise<OpenSide<EmptyMoveTask, void>> => {
  const data = moveData(settings.users);
  const log = createLogger('worker', 'info');
  const clock = fixedClock(new Date()) as DatabaseClock;
  const runs = new PretendedRuns();
  const chunks = new PretendedChunks(data.licenses);
  const producer = new JobProducer({ redisUrl: settings.redisUrl, prefix: settings.queuePrefix });
  const runner = new OperationRunner(runs, producer, clock, log, 'bench');
  const handler = handlerOf(data, runs, chunks, clock);
  let whenDone: (() => void) | null = null;
  let count = 0;
  const processor = new QueueProcessor({
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
    chunks.again();
    runs.operation = structuredClone(data.operation);
    const { _id: operationId, tenantId } = data.operation;
    const done = new Promise<void>((resolve) => (whenDone = resolve));
    const jobId = wakeUpId(operationId, (count += 1));
    await producer.enqueue({ name: 'license-move.run', payload: { v: 1, operationId, tenantId }, jobId });
    await done;
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
  return new MoveLicensesHandler(NO_DATABASE, runs, subscriptions, chunks, ending, clock, new Failpoints(''));
};
