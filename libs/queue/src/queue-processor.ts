import { DelayedError, type Job, Worker } from 'bullmq';
import { JOBS, type JobPayload, type JobsOf, type QueueName } from '@commissary/contracts';
import type { Redis } from 'ioredis';
import { workerConnection } from './connection.js';

/** `later`: the work is held by another or not due yet; the job waits instead of being completed. */
export type JobOutcome = { kind: 'done' } | { kind: 'later'; inMs: number };

export const DONE: JobOutcome = { kind: 'done' };

export type Handlers<Q extends QueueName> = {
  [N in JobsOf<Q>]: (payload: JobPayload<N>) => Promise<JobOutcome>;
};

export interface ProcessorLog {
  warn(fields: object, message: string): void;
}

export interface ProcessorOptions<Q extends QueueName> {
  queue: Q;
  /** One per job of the queue; a missing one does not compile. */
  handlers: Handlers<Q>;
  concurrency: number;
  redisUrl: string;
  prefix: string;
  log: ProcessorLog;
}

/** A job that this version does not know, or that could not be looked at, is tried again after this long. */
const RETRY_MS = 1_000;
const UNKNOWN_JOB_MS = 30_000;

/** How long BullMQ trusts a silent worker with a job; ours are woken by the dispatcher anyway. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;

/** The one processor of a queue: parses each job by its contract and hands it to its handler. */
export class QueueProcessor<Q extends QueueName> {
  private readonly worker: Worker;
  private readonly connection: Redis;

  constructor(private readonly options: ProcessorOptions<Q>) {
    this.connection = workerConnection(options.redisUrl);
    this.worker = new Worker(options.queue, (job, token) => this.process(job, token), {
      connection: this.connection,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      // What is poison is decided in MongoDB, by starts without progress.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      autorun: false,
      skipVersionCheck: true,
    });
    this.worker.on('error', (error) =>
      options.log.warn({ queue: options.queue, error: error.message }, 'queue error'),
    );
  }

  start(): void {
    void this.worker.run();
  }

  /** Takes no new job and waits for those it has. */
  async stop(): Promise<void> {
    await this.worker.close();
    this.connection.disconnect();
  }

  private async process(job: Job, token?: string): Promise<void> {
    const outcome = await this.outcomeOf(job);
    if (outcome.kind === 'done') return;
    await job.moveToDelayed(Date.now() + Math.max(0, outcome.inMs), token);
    throw new DelayedError();
  }

  private async outcomeOf(job: Job): Promise<JobOutcome> {
    const handle = this.handlerOf(job);
    if (!handle) {
      this.options.log.warn(
        { queue: this.options.queue, job: job.name, jobId: job.id },
        'job of an unknown version',
      );
      return { kind: 'later', inMs: UNKNOWN_JOB_MS };
    }
    try {
      return await handle();
    } catch (error) {
      const { name, message } = error as Error;
      this.options.log.warn(
        { queue: this.options.queue, jobId: job.id, error: `${name}: ${message}` },
        'job not handled',
      );
      return { kind: 'later', inMs: RETRY_MS };
    }
  }

  private handlerOf(job: Job): (() => Promise<JobOutcome>) | null {
    if (!Object.hasOwn(this.options.handlers, job.name)) return null;
    const name = job.name as JobsOf<Q>;
    const parsed = JOBS[name].schema.safeParse(job.data);
    if (!parsed.success) return null;
    // The payload was parsed by the contract of this very name, which the compiler cannot follow through the union.
    const handler = this.options.handlers[name] as (payload: unknown) => Promise<JobOutcome>;
    return () => handler(parsed.data);
  }
}
