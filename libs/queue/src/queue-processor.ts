import { OnWorkerEvent, WorkerHost } from '@nestjs/bullmq';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { DelayedError, type Job, type WorkerOptions } from 'bullmq';
import { type JobName, JOBS, type JobPayload, type JobsOf, type QueueName } from '@commissary/contracts';

/** `later`: the work is held by another or not due yet; the job waits instead of being completed. */
export type JobOutcome = { kind: 'done' } | { kind: 'later'; inMs: number };

export const DONE: JobOutcome = { kind: 'done' };

/** One per job of the queue; a missing one does not compile. */
export type Handlers<Q extends QueueName> = {
  [N in JobsOf<Q>]: (payload: JobPayload<N>) => Promise<JobOutcome>;
};

export interface ProcessorLog {
  warn(fields: object, message: string): void;
}

/** The options of every `@Processor`; each adds its `concurrency`. */
export const WORKER_OPTIONS = {
  /** How long BullMQ trusts a silent worker with a job, ms; a job of ours that is lost is enqueued by the dispatcher anyway. */
  lockDuration: 10_000,
  stalledInterval: 5_000,
  /** Whether a job is poison is decided in MongoDB, by starts without progress. */
  maxStalledCount: Number.MAX_SAFE_INTEGER,
  /** The worker is started by `onApplicationBootstrap`, once everything it needs is up. */
  autorun: false,
  skipVersionCheck: true,
} as const satisfies Partial<WorkerOptions>;

/** A job that could not be handled is tried again after this long. */
const RETRY_MS = 1_000;
/** A job that this version does not know waits this long for a worker of a later one. */
const UNKNOWN_JOB_MS = 30_000;

/**
 * The base of the one processor of a queue: it parses each job by its contract and gives it to its handler. It takes jobs once
 * the application is up, and none any more when the application begins to stop. [OPS-3]
 *
 *     @Processor('cancellations', { ...WORKER_OPTIONS, concurrency: 4 })
 *     export class CancellationsProcessor extends QueueProcessor<'cancellations'> {
 *       protected readonly handlers = { 'cancellation.run': (job) => this.runner.handle(this.handler, job) };
 *     }
 */
export abstract class QueueProcessor<Q extends QueueName>
  extends WorkerHost
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  protected abstract readonly handlers: Handlers<Q>;

  protected constructor(private readonly log: ProcessorLog) {
    super();
  }

  /** Throws if a job of the queue has no handler: this worker would delay such jobs for good. */
  onApplicationBootstrap(): void {
    const { name } = this.worker;
    const jobs = (Object.keys(JOBS) as JobName[]).filter((job) => JOBS[job].queue === name);
    const missing = jobs.filter((job) => !Object.hasOwn(this.handlers, job));
    if (missing.length > 0) throw new Error(`The queue ${name} has no handler for ${missing.join(', ')}.`);
    void this.worker.run();
  }

  /** Takes no new job and waits for those it has. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }

  /** Called by BullMQ for each job. A job that is not done is delayed, never failed. */
  async process(job: Job, token?: string): Promise<void> {
    const outcome = await this.outcomeOf(job);
    if (outcome.kind === 'done') return;
    await job.moveToDelayed(Date.now() + Math.max(0, outcome.inMs), token);
    throw new DelayedError();
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.log.warn({ queue: this.worker.name, error: error.message }, 'The worker had a problem with Redis.');
  }

  @OnWorkerEvent('stalled')
  onStalled(jobId: string): void {
    this.log.warn(
      { queue: this.worker.name, jobId },
      'The worker of a job went silent; the job waits for another.',
    );
  }

  @OnWorkerEvent('failed')
  onFailed(job: Job | undefined, error: Error): void {
    this.log.warn(
      { queue: this.worker.name, jobId: job?.id, error: `${error.name}: ${error.message}` },
      'A job failed; the dispatcher enqueues what it was for again.',
    );
  }

  private async outcomeOf(job: Job): Promise<JobOutcome> {
    const handle = this.handlerOf(job);
    const fields = { queue: this.worker.name, job: job.name, jobId: job.id };
    if (!handle) {
      this.log.warn(fields, 'This worker does not know the job or its version; the job waits for another.');
      return { kind: 'later', inMs: UNKNOWN_JOB_MS };
    }
    try {
      return await handle();
    } catch (error) {
      const { name, message } = error as Error;
      this.log.warn(
        { ...fields, error: `${name}: ${message}` },
        'A job could not be handled; it is tried again.',
      );
      return { kind: 'later', inMs: RETRY_MS };
    }
  }

  private handlerOf(job: Job): (() => Promise<JobOutcome>) | null {
    if (!Object.hasOwn(this.handlers, job.name)) return null;
    const name = job.name as JobsOf<Q>;
    const parsed = JOBS[name].schema.safeParse(job.data);
    if (!parsed.success) return null;
    // The payload was parsed by the contract of this very name, which the compiler cannot follow through the union.
    const handler = this.handlers[name] as (payload: unknown) => Promise<JobOutcome>;
    return () => handler(parsed.data);
  }
}
