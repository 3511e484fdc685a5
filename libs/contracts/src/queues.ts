import type { OperationType } from '@commissary/domain';
import { z } from 'zod';

/** One BullMQ queue each, one processor each. */
export const QUEUES = ['purchases', 'license-moves', 'cancellations', 'renewals', 'notifications'] as const;
export type QueueName = (typeof QUEUES)[number];

/** The queue on which an operation of a type waits. Whoever buys seats waits for the card like any buyer. */
export const QUEUE_OF_OPERATION = {
  purchase: 'purchases',
  seatChange: 'purchases',
  move: 'license-moves',
  cancellation: 'cancellations',
  renewal: 'renewals',
} as const satisfies Record<OperationType, QueueName>;

/** Jobs hold ids only; `v` lets an older worker hand back what it does not know yet. */
const operationJob = z.strictObject({ v: z.literal(1), operationId: z.string(), tenantId: z.string() });
const notificationJob = z.strictObject({ v: z.literal(1), notificationId: z.string(), tenantId: z.string() });

/** A look at everything that is due: no payload but its version. */
const sweepJob = z.strictObject({ v: z.literal(1) });

/** Every job name with its queue and payload: the one contract of producers and processors. */
export const JOBS = {
  'purchase.run': { queue: 'purchases', schema: operationJob },
  'seat-change.run': { queue: 'purchases', schema: operationJob },
  'license-move.run': { queue: 'license-moves', schema: operationJob },
  'cancellation.run': { queue: 'cancellations', schema: operationJob },
  'renewal.run': { queue: 'renewals', schema: operationJob },
  'lifecycle.sweep': { queue: 'renewals', schema: sweepJob },
  'notification.send': { queue: 'notifications', schema: notificationJob },
} as const satisfies Record<string, { queue: QueueName; schema: z.ZodType }>;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]['schema']>;
export type JobsOf<Q extends QueueName> = {
  [N in JobName]: (typeof JOBS)[N]['queue'] extends Q ? N : never;
}[JobName];

export const JOB_OF_OPERATION = {
  purchase: 'purchase.run',
  seatChange: 'seat-change.run',
  move: 'license-move.run',
  cancellation: 'cancellation.run',
  renewal: 'renewal.run',
} as const satisfies Record<OperationType, JobName>;
