import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { type JobName, JOBS, type JobPayload, QUEUES, type QueueName } from '@commissary/contracts';
import pTimeout from 'p-timeout';
import { producerConnection, type QueueConnection } from './connection.js';
import { queuePrefix, type QueueSettings, sharedQueueOptions } from './queue-options.js';

/** Injection token of the one connection that the producers of a process share. */
export const QUEUE_CONNECTION = Symbol('QueueConnection');

/** How long a caller waits for Redis, ms. What is not enqueued by then is found and enqueued by the dispatcher. */
const ENQUEUE_TIMEOUT_MS = 200;

export interface NewJob<N extends JobName> {
  name: N;
  payload: JobPayload<N>;
  jobId: string;
}

/** Of one operation (or notification) and one run: the same wake-up twice is one job. */
export const wakeUpId = (subjectId: string, fence: number): string => `${subjectId}-${fence}`;

/** Puts wake-up calls on the queues; payloads are checked against their contract. */
@Injectable()
export class JobProducer {
  private readonly queues: Readonly<Record<QueueName, Queue>>;

  constructor(
    @Inject(QUEUE_CONNECTION) private readonly connection: QueueConnection,
    @InjectQueue('purchases') purchases: Queue,
    @InjectQueue('license-moves') licenseMoves: Queue,
    @InjectQueue('cancellations') cancellations: Queue,
    @InjectQueue('renewals') renewals: Queue,
    @InjectQueue('notifications') notifications: Queue,
  ) {
    this.queues = { purchases, 'license-moves': licenseMoves, cancellations, renewals, notifications };
    // A Redis that is away shows by the commands that fail; without a listener BullMQ prints every attempt to reach it.
    for (const queue of this.allQueues()) queue.on('error', () => undefined);
  }

  /** A producer for a program without a Nest container; its caller closes it. */
  static connect({ redisUrl, prefix }: QueueSettings): JobProducer {
    const connection = producerConnection(redisUrl);
    const open = (name: QueueName): Queue =>
      new Queue(name, { ...sharedQueueOptions(connection), prefix: queuePrefix(prefix, name) });
    return new JobProducer(
      connection,
      open('purchases'),
      open('license-moves'),
      open('cancellations'),
      open('renewals'),
      open('notifications'),
    );
  }

  /** In the order of `QUEUES`. */
  allQueues(): Queue[] {
    return QUEUES.map((name) => this.queues[name]);
  }

  /** True if Redis took it within 200 ms. Never throws for a Redis that is away, full or slow. */
  async enqueue<N extends JobName>(job: NewJob<N>): Promise<boolean> {
    return this.enqueueAll([job]);
  }

  /** All of one call go to the queue of the first one's name, which is the same for all. */
  async enqueueAll<N extends JobName>(
    jobs: readonly NewJob<N>[],
    timeoutMs = ENQUEUE_TIMEOUT_MS,
  ): Promise<boolean> {
    const first = jobs[0];
    if (!first) return true;
    const bulk = jobs.map(({ name, payload, jobId }) => ({
      name,
      data: JOBS[name].schema.parse(payload) as JobPayload<N>,
      opts: { jobId },
    }));
    const queue = this.queues[JOBS[first.name].queue];
    return within(
      timeoutMs,
      queue.addBulk(bulk).then(() => true),
    );
  }

  /**
   * As `enqueueAll`, for work that is due now: a job of the same id that sleeps (until a time that a clock which was off had set) or
   * that the queue has given up is set going again, for otherwise it would keep the new one out. Jobs that the queue holds are not
   * added once more: of a long line, looked at every second, that would cost more than the work itself.
   */
  async wakeAll<N extends JobName>(jobs: readonly NewJob<N>[], timeoutMs: number): Promise<boolean> {
    const first = jobs[0];
    if (!first) return true;
    const queue = this.queues[JOBS[first.name].queue];
    let missing: NewJob<N>[] = [];
    const looked = this.missingOf(queue, jobs).then((found) => {
      missing = found;
      return true;
    });
    if (!(await within(timeoutMs, looked)) || !(await this.enqueueAll(missing, timeoutMs))) return false;
    if (missing.length === jobs.length) return true;
    const ids = new Set(jobs.map(({ jobId }) => jobId));
    return within(
      timeoutMs,
      setGoing(queue, ids).then(() => true),
    );
  }

  /** Those of which Redis knows nothing: mostly none, which one command tells. */
  private async missingOf<N extends JobName>(queue: Queue, jobs: readonly NewJob<N>[]): Promise<NewJob<N>[]> {
    await queue.waitUntilReady();
    const keys = jobs.map(({ jobId }) => queue.toKey(jobId));
    if ((await this.connection.exists(...keys)) === new Set(keys).size) return [];
    const known = await Promise.all(keys.map((key) => this.connection.exists(key)));
    return jobs.filter((_, place) => known[place] === 0);
  }

  /**
   * Sees to it that a job comes again and again: whoever finds its schedule gone, as after a loss of Redis, or stuck sets it up
   * anew. Never throws for a Redis that is away.
   */
  async keepSchedule<N extends JobName>(
    { name, payload }: Omit<NewJob<N>, 'jobId'>,
    everyMs: number,
    timeoutMs: number,
  ): Promise<boolean> {
    const queue = this.queues[JOBS[name].queue];
    const keep = async (): Promise<boolean> => {
      const kept = await queue.getJobScheduler(name);
      const isAlive = kept?.every === everyMs && (kept.next ?? 0) > Date.now() - 2 * everyMs;
      if (isAlive) return true;
      const template = { name, data: JOBS[name].schema.parse(payload) };
      await queue.upsertJobScheduler(name, { every: everyMs }, template);
      return true;
    };
    return within(timeoutMs, keep());
  }

  /** Rejects at once while Redis is away. */
  async ping(): Promise<void> {
    await this.connection.ping();
  }

  /** For whoever called `connect`; in an application the module closes what it opened. */
  async close(): Promise<void> {
    await Promise.allSettled(this.allQueues().map((queue) => queue.close()));
    this.connection.disconnect();
  }
}

const setGoing = async (queue: Queue, ids: ReadonlySet<string>): Promise<void> => {
  const asleep = await queue.getRanges(['delayed', 'failed']);
  for (const id of asleep.filter((each) => ids.has(each))) {
    const job = await queue.getJob(id);
    // Another worker may have been quicker.
    if (job) await ((await job.isFailed()) ? job.retry('failed') : job.promote()).catch(() => undefined);
  }
};

/** False if the work fails or takes longer. */
const within = (milliseconds: number, work: Promise<boolean>): Promise<boolean> =>
  pTimeout(
    work.catch(() => false),
    { milliseconds, fallback: () => false },
  );
