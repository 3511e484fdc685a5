import {
  ERROR_CODES,
  OPERATION_STATUSES,
  OPERATION_TYPES,
  OUTCOME_REASONS,
  SUBSCRIPTION_STATUSES,
  USER_OUTCOMES,
} from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from '../money.js';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';

const purchaseResult = z.object({
  orderId: z.string(),
  subscriptionId: z.string(),
  licenseId: z.string().nullable(),
  invoiceId: z.string().nullable(),
  charged: moneySchema,
});
const moveResult = z.object({
  moved: z.int(),
  alreadyLicensed: z.int(),
  skipped: z.int(),
  failed: z.int(),
  sourceStatus: z.enum(SUBSCRIPTION_STATUSES),
  refunded: moneySchema.nullable(),
});
const cancellationResult = z.object({ usersCut: z.int(), refunded: moneySchema.nullable() });
const seatChangeResult = z.object({
  subscriptionId: z.string(),
  seats: z.int().describe('Seats in all, now or from the next renewal on'),
  effective: z.enum(['now', 'renewal']),
  orderId: z.string().nullable(),
  invoiceId: z.string().nullable(),
  charged: moneySchema.nullable(),
  refunded: moneySchema.nullable(),
});
const renewalResult = z.object({
  orderId: z.string(),
  subscriptionId: z.string(),
  invoiceId: z.string(),
  charged: moneySchema,
  renewsAt: timeField,
});

/** What a client sees of an operation, and what each server-sent event carries. [MOV-3] */
export const operationSchema = z
  .object({
    id: z.string(),
    type: z.enum(OPERATION_TYPES),
    status: z.enum(OPERATION_STATUSES),
    subscriptionId: z.string().nullable(),
    requestedBy: z.object({ userId: z.string(), displayName: z.string() }),
    progress: z.object({
      total: z.int(),
      done: z.int(),
      skipped: z.int(),
      failed: z.int(),
      pending: z.int(),
      ratePerSecond: z
        .number()
        .nullable()
        .describe('Users per second of late; null before the first, and while it waits, paused or parked'),
      secondsLeft: z.number().nullable().describe('At that rate; 0 once it has ended'),
    }),
    result: z
      .union([purchaseResult, moveResult, cancellationResult, seatChangeResult, renewalResult])
      .nullable(),
    error: z
      .object({ code: z.enum(ERROR_CODES), detail: z.string(), reasons: z.array(z.string()).optional() })
      .nullable(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Operation' });
export type OperationView = z.infer<typeof operationSchema>;
export const operationListSchema = listOf(operationSchema);

export const operationListQuery = z.strictObject({
  type: z.enum(OPERATION_TYPES).optional(),
  status: z.enum(OPERATION_STATUSES).optional(),
  ...PAGE_QUERY,
});
export type OperationListQuery = z.infer<typeof operationListQuery>;

export const operatorListQuery = z.strictObject({
  status: z.enum(OPERATION_STATUSES).default('parked'),
  ...PAGE_QUERY,
});
export type OperatorListQuery = z.infer<typeof operatorListQuery>;

export const operationQuery = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .max(30)
    .optional()
    .describe('Seconds to hold the answer until the operation has ended'),
});
export type OperationQuery = z.infer<typeof operationQuery>;

export const userOutcomeSchema = z
  .object({
    userId: z.string(),
    email: z.string().nullable(),
    outcome: z.enum(USER_OUTCOMES),
    reason: z.enum(OUTCOME_REASONS).nullable(),
  })
  .meta({ id: 'UserOutcome' });
export type UserOutcomeView = z.infer<typeof userOutcomeSchema>;
export const userOutcomeListSchema = listOf(userOutcomeSchema).extend({
  endCursor: z
    .string()
    .nullable()
    .describe(
      'Goes on behind this page, also behind the last one: what an operation that is still open settles later comes there. Null where nothing has been read yet',
    ),
});
export type UserOutcomeListView = z.infer<typeof userOutcomeListSchema>;

export const resultsQuery = z.strictObject({ outcome: z.enum(USER_OUTCOMES).optional(), ...PAGE_QUERY });
export type ResultsQuery = z.infer<typeof resultsQuery>;

/** An operation as operators see it, across tenants: whose it is, and nothing of the tenant's data. [OPS-1] */
export const operatorOperationSchema = operationSchema
  .extend({ tenantId: z.string(), queue: z.string(), attempts: z.int() })
  .meta({ id: 'OperatorOperation' });
export type OperatorOperationView = z.infer<typeof operatorOperationSchema>;
export const operatorOperationListSchema = listOf(operatorOperationSchema);

export const operatorHealthSchema = z
  .object({
    operations: z.array(z.object({ queue: z.string(), status: z.enum(OPERATION_STATUSES), count: z.int() })),
    oldestDueSeconds: z.number().nullable().describe('How long the oldest due operation has waited'),
    mailsQueued: z.int(),
    redis: z.enum(['up', 'down']),
  })
  .meta({ id: 'OperatorHealth' });
export type OperatorHealthView = z.infer<typeof operatorHealthSchema>;
