import { type QueueName, QUEUES } from '@commissary/contracts';
import { JobProducer, wakeUpId } from '@commissary/queue';

/** A job as Redis holds it. */
export interface HeldJob {
  queue: string;
  id: string;
  data: unknown;
  returnvalue: unknown;
  failedReason: string | undefined;
}

const CONNECT_TIMEOUT_MS = 5_000;
const PAGE = 500;
const ALL_STATES = [
  'waiting',
  'active',
  'delayed',
  'prioritized',
  'waiting-children',
  'completed',
  'failed',
] as const;
const ENDED_STATES: readonly string[] = ['completed', 'failed', 'unknown'];

/** What the audit asks of Redis; it writes nothing there. */
export class QueueView {
  private constructor(private readonly producer: JobProducer) {}

  /** Throws when Redis cannot be reached: an audit must not pass for want of it. */
  static async connect(redisUrl: string, prefix: string): Promise<QueueView> {
    const producer = JobProducer.connect({ redisUrl, prefix });
    const ready = Promise.all(producer.allQueues().map((queue) => queue.waitUntilReady()));
    // It may still fail after the wait for it was given up.
    ready.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('Redis cannot be reached')), CONNECT_TIMEOUT_MS);
    });
    try {
      await Promise.race([ready, late]);
      return new QueueView(producer);
    } catch (error) {
      await producer.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether a job that will wake this run of the operation is waiting, delayed or at work. */
  async holds(queue: QueueName, operationId: string, fence: number): Promise<boolean> {
    const state = await this.queueOf(queue).getJobState(wakeUpId(operationId, fence));
    return !ENDED_STATES.includes(state);
  }

  /** Every job of every queue, ended ones that are kept included. */
  async *jobs(): AsyncIterable<HeldJob> {
    for (const name of QUEUES) {
      for (const state of ALL_STATES) yield* this.jobsIn(name, state);
    }
  }

  async close(): Promise<void> {
    await this.producer.close();
  }

  private async *jobsIn(name: QueueName, state: (typeof ALL_STATES)[number]): AsyncIterable<HeldJob> {
    const queue = this.queueOf(name);
    for (let start = 0; ; start += PAGE) {
      const jobs = await queue.getJobs([state], start, start + PAGE - 1, true);
      for (const job of jobs) {
        // BullMQ types these as `any`.
        const {
          id = '',
          failedReason,
          data,
          returnvalue,
        } = job as { id?: string } & Omit<HeldJob, 'id' | 'queue'>;
        yield { queue: name, id, data, returnvalue, failedReason };
      }
      if (jobs.length < PAGE) return;
    }
  }

  private queueOf(name: QueueName) {
    const queue = this.producer.allQueues().find((one) => one.name === name);
    if (!queue) throw new Error(`no queue ${name}`);
    return queue;
  }
}
