import { Inject, Injectable, Optional } from '@nestjs/common';
import { JOB_OF_OPERATION } from '@commissary/contracts';
import { DomainError, OPERATION_RULES } from '@commissary/domain';
import {
  type ClaimOutcome,
  DatabaseClock,
  Groups,
  isDatabaseUnavailable,
  LEASE_MS,
  LeaseLostError,
  type OperationDocument,
  OperationRuns,
} from '@commissary/store';
import { backoffMs, DONE, JobProducer, wakeUpId, PROVIDER_BACKOFF, RUN_BACKOFF } from '@commissary/queue';
import type { JobOutcome } from '@commissary/queue';
import { Failpoints, type Logger, NO_FAILPOINTS } from '@commissary/platform';
import { AuthorityLostError } from './authority.js';
import { LOGGER, WORKER_NAME } from '../tokens.js';
import { type OperationHandler, Run, type RunOutcome } from './run.js';

/** What the tenant's admins read. */
const NO_LONGER_ALLOWED = {
  code: 'forbidden',
  detail: 'Who asked for it may not do this any more. Another admin can resume it.',
} as const;

/** Each waits as long as the driver does for a primary. */
const HAND_BACK_TRIES = 6;

const HEARTBEAT_MS = LEASE_MS / 4;

/** Operations claimed at once. */
const CLAIMS_TOGETHER = 64;

interface WakeUp {
  operationId: string;
  tenantId: string;
}

/**
 * Claims an operation, keeps its lease alive while its handler runs, and writes down how the run came out:
 * ended by the handler, handed back, to be tried again, or parked. The queue only woke us up; MongoDB decides.
 */
@Injectable()
export class OperationRunner {
  private stopping = false;
  /** The operation under suspicion that runs here. */
  private suspect: string | null = null;
  private readonly claims: Groups<WakeUp, ClaimOutcome>;

  constructor(
    private readonly runs: OperationRuns,
    private readonly producer: JobProducer,
    private readonly clock: DatabaseClock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(WORKER_NAME) private readonly workerName: string,
    @Optional() private readonly failpoints: Failpoints = NO_FAILPOINTS,
  ) {
    this.claims = new Groups({
      together: (jobs) => runs.claimAll(jobs, workerName),
      keyOf: ({ operationId }) => operationId,
      most: CLAIMS_TOGETHER,
    });
  }

  /** From now on every run gives its slot back at its next chunk. [OPS-3] */
  stop(): void {
    this.stopping = true;
  }

  async handle<T extends OperationDocument['type']>(
    handler: OperationHandler<T>,
    job: WakeUp,
  ): Promise<JobOutcome> {
    const claim = await this.claims.add(job);
    return claim.kind === 'suspect' && claim.at <= this.clock.server()
      ? this.handleSuspect(handler, job)
      : this.start(handler, job, claim);
  }

  /**
   * What was started several times and came no further may be what kills its process. Such run one at a time, so that each but the
   * guilty one comes further and is trusted again, and that one is parked alone; the next may start as soon as one has come further.
   * [OPS-1]
   */
  private async handleSuspect<T extends OperationDocument['type']>(
    handler: OperationHandler<T>,
    job: WakeUp,
  ): Promise<JobOutcome> {
    if (this.suspect !== null) return { kind: 'later', inMs: backoffMs(RUN_BACKOFF, 1) };
    this.suspect = job.operationId;
    const trust = (): void => {
      if (this.suspect === job.operationId) this.suspect = null;
    };
    try {
      const claim = await this.runs.claim(job.tenantId, job.operationId, this.workerName);
      return await this.start(handler, job, claim, trust);
    } finally {
      trust();
    }
  }

  private async start<T extends OperationDocument['type']>(
    handler: OperationHandler<T>,
    job: WakeUp,
    claim: ClaimOutcome,
    onProgress: () => void = () => undefined,
  ): Promise<JobOutcome> {
    if (claim.kind === 'later' || claim.kind === 'suspect')
      return { kind: 'later', inMs: claim.at.getTime() - this.clock.server().getTime() };
    if (claim.kind === 'parked')
      this.logger.error({ operation: job.operationId }, 'operation parked: no progress');
    if (claim.kind !== 'claimed') return DONE;
    if (claim.operation.type !== handler.type)
      throw new Error(`${job.operationId} is a ${claim.operation.type}`);
    const run = new Run(claim.operation as Run<T>['operation'], () => this.stopping);
    run.onProgress = onProgress;
    await this.perform(handler, run);
    return DONE;
  }

  private async perform<T extends OperationDocument['type']>(
    handler: OperationHandler<T>,
    run: Run<T>,
  ): Promise<void> {
    const log = this.logger.child({
      operation: run.operation._id,
      type: run.operation.type,
      fence: run.operation.fence,
      requestId: run.operation.origin.requestId,
    });
    log.info('run started');
    const heartbeat = setInterval(() => void this.renew(run), HEARTBEAT_MS);
    try {
      await this.failpoints.hit('run.claimed');
      const outcome = await handler.run(run);
      await this.conclude(run, outcome);
      log.info({ outcome: outcome.kind }, 'run over');
    } catch (error) {
      await this.fail(run, error as Error, log);
    } finally {
      clearInterval(heartbeat);
    }
  }

  private async renew(run: Run<OperationDocument['type']>): Promise<void> {
    const kept = await this.runs.renew(run.key).catch(() => true);
    if (!kept) run.leaseLost = true;
  }

  private async conclude<T extends OperationDocument['type']>(
    run: Run<T>,
    outcome: RunOutcome,
  ): Promise<void> {
    if (outcome.kind === 'ended') return;
    if (outcome.kind === 'yield') {
      const released = await this.runs.release(run.key, 0, 'yield');
      await this.failpoints.hit('run.released');
      if (released) await this.wake(released);
      await this.failpoints.hit('run.woken');
      return;
    }
    const { type, providerFailingSince: failingSince } = run.operation;
    const { providerPatienceMs } = OPERATION_RULES[type];
    if (failingSince && this.clock.server().getTime() - failingSince.getTime() > providerPatienceMs) {
      await this.runs.park(run.key, {
        code: 'payment_timeout',
        detail: 'The payment provider has not answered for a day.',
      });
      return;
    }
    await this.runs.release(run.key, backoffMs(PROVIDER_BACKOFF, run.operation.providerFailures), 'provider');
  }

  /** A lost lease is the right end of a run that was overtaken. Anything else is tried again, then parked. */
  private async fail(run: Run<OperationDocument['type']>, error: Error, log: Logger): Promise<void> {
    if (error instanceof LeaseLostError) {
      log.warn('run given up: lease lost, stopped or paused');
      return;
    }
    if (error instanceof AuthorityLostError) {
      log.warn('run paused: who answers for it may not do so any more');
      await this.runs.pause(run.operation, NO_LONGER_ALLOWED, this.clock.now());
      return;
    }
    const code = error instanceof DomainError ? error.code : undefined;
    log.error({ error: `${error.name}: ${error.message}`, code, stack: error.stack }, 'run failed');
    await this.handBack(run, isDatabaseUnavailable(error) ? 'database' : 'error', log);
  }

  /** While MongoDB is away it cannot be told; for a while we try, lest the operation be blamed for it. */
  private async handBack(
    run: Run<OperationDocument['type']>,
    why: 'database' | 'error',
    log: Logger,
  ): Promise<void> {
    const delayMs = backoffMs(RUN_BACKOFF, run.operation.starts);
    for (let tries = why === 'database' ? HAND_BACK_TRIES : 1; tries > 0 && !this.stopping; tries -= 1) {
      try {
        await this.runs.release(run.key, delayMs, why);
        return;
      } catch {
        log.warn({ triesLeft: tries - 1 }, 'could not hand the operation back');
      }
    }
    log.warn('not handed back; its lease runs out');
  }

  private async wake(operation: OperationDocument): Promise<void> {
    await this.producer.enqueue({
      name: JOB_OF_OPERATION[operation.type],
      payload: { v: 1, operationId: operation._id, tenantId: operation.tenantId },
      jobId: wakeUpId(operation._id, operation.fence),
    });
  }
}
