import { Inject, Injectable, Optional } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { JOB_OF_OPERATION, type QueueName } from '@commissary/contracts';
import { Failpoints, type Logger, NO_FAILPOINTS } from '@commissary/platform';
import { JobProducer, wakeUpId } from '@commissary/queue';
import {
  type DueNotification,
  type DueOperation,
  NotificationsRepository,
  OperationRuns,
} from '@commissary/store';
import { LOGGER, SERVED_QUEUES } from '../tokens.js';

/** Fault tests and the audit's invariant 10 count in these. */
const INTERVAL_MS = 1_000;
const BATCH = 1_000;
const ENQUEUE_TIMEOUT_MS = 5_000;
/** How often is looked for renewals, reminders and ends that are due. [BUY-9, SUB-3] */
const SWEEP_EVERY_MS = 15_000;

/**
 * Enqueues, at each tick, all work of this process's queues that is due and that nobody holds: what was accepted while Redis was
 * away, what a wipe of Redis lost, what waited for its time, what a dead worker left, what sleeps in Redis beyond its time. A job
 * that is there already stays one. [OPS-4]
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private ticking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly runs: OperationRuns,
    private readonly notifications: NotificationsRepository,
    private readonly producer: JobProducer,
    @Inject(SERVED_QUEUES) private readonly queues: readonly QueueName[],
    @Inject(LOGGER) private readonly logger: Logger,
    @Optional() private readonly failpoints: Failpoints = NO_FAILPOINTS,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.ticking;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.ticking = this.tick()
        .catch((error: unknown) => this.logger.warn({ error: (error as Error).message }, 'dispatch failed'))
        .then(() => this.schedule(INTERVAL_MS));
    }, delayMs);
  }

  /** One look at MongoDB; public so that a test need not wait for the timer. */
  async tick(): Promise<void> {
    for (const queue of this.queues) await this.enqueueOperations(await this.runs.due(queue, BATCH));
    if (this.queues.includes('notifications')) await this.enqueueMails();
    if (this.queues.includes('renewals')) await this.keepSweeping();
  }

  /** Of one queue at a time, so that a long line on one hides nothing of another. */
  private async enqueueOperations(due: readonly DueOperation[]): Promise<void> {
    if (due.length === 0) return;
    const jobs = due.map(({ _id, tenantId, type, fence }) => ({
      name: JOB_OF_OPERATION[type],
      payload: { v: 1 as const, operationId: _id, tenantId },
      jobId: wakeUpId(_id, fence),
    }));
    await this.failpoints.hit('dispatch.found');
    const taken = await this.producer.wakeAll(jobs, ENQUEUE_TIMEOUT_MS);
    await this.failpoints.hit('dispatch.enqueued');
    if (!taken) this.logger.warn({ operations: due.length }, 'queue away; operations stay due');
  }

  private async keepSweeping(): Promise<void> {
    const sweep = { name: 'lifecycle.sweep', payload: { v: 1 } } as const;
    await this.producer.keepSchedule(sweep, SWEEP_EVERY_MS, ENQUEUE_TIMEOUT_MS);
  }

  /** Mailings come into the outbox as it empties: whose mail comes in between does not wait behind a million others. [CAN-2] */
  private async enqueueMails(): Promise<void> {
    for (;;) {
      const due = await this.notifications.dueNotifications(BATCH);
      await this.enqueueDue(due);
      if (due.length === BATCH || !(await this.notifications.queueMailing())) return;
    }
  }

  private async enqueueDue(due: readonly DueNotification[]): Promise<void> {
    if (due.length === 0) return;
    await this.producer.wakeAll(
      due.map(({ _id, tenantId, fence }) => ({
        name: 'notification.send' as const,
        payload: { v: 1 as const, notificationId: _id, tenantId },
        jobId: wakeUpId(_id, fence),
      })),
      ENQUEUE_TIMEOUT_MS,
    );
  }
}
