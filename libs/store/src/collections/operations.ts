import {
  type ErrorCode,
  OPERATION_STATUSES,
  OPERATION_TYPES,
  type OperationStatus,
  type OperationStep,
  type ProgressCounts,
} from '@commissary/domain';
import { type QueueName, QUEUES } from '@commissary/contracts';
import { defineCollection } from '../schema/define-collection.js';
import { anyObject, nullable, object, oneOf, optional, optionalOrNull, required } from '../schema/fields.js';
import type { TailCounts } from './move-tails.js';
import type { OperationParts } from './operation-parts.js';
import { RETENTION } from './retention.js';
import { actorSchema, statusHistory } from './values.js';

export * from './operation-parts.js';

export interface Lease {
  until: Date;
  worker: string;
  /** Names the claim of several operations at once that it came with. */
  claim?: string;
}

interface OperationBase {
  _id: string;
  tenantId: string;
  queue: QueueName;
  status: OperationStatus;
  subscriptionId: string | null;
  /** `tenantId` differs from the operation's for partners and support. */
  requestedBy: { userId: string; displayName: string; tenantId: string };
  /** Who answers for it while it runs, and must be allowed to: who asked for it, or the admin who resumed it. */
  authorizedBy: { userId: string; tenantId: string };
  /** Where the request came from, for the audit trail and the logs. */
  origin: { ip: string; requestId: string };
  progress: ProgressCounts & {
    /** Users who had the target's product already; part of `done`. */
    alreadyLicensed: number;
    at: Date | null;
    /** Baseline of the rate: when this run began, or the one that it goes on with, and how many users were behind it then. */
    runStartedAt: Date | null;
    runStartedWith: number;
    /** The next run's baseline: when this one was claimed; null where that one is to be measured anew. */
    claimedAt?: Date | null;
    claimedWith?: number;
  };
  /** Bulk work: the last user id dealt with. */
  cursor: string | null;
  /** Bulk work: result documents written. */
  chunks: number;
  /** A move in two halves: what the counters here and on both subscriptions have taken over of its tail. */
  tail: TailCounts | null;
  error: { code: ErrorCode; detail: string; reasons?: string[] } | null;
  lease: Lease | null;
  /** Raised by each claim; every write of a run must match it. */
  fence: number;
  /** Claims since the last step or chunk: five without one park the operation. */
  starts: number;
  /** Consecutive failures of an outside provider, and when they began. */
  providerFailures: number;
  providerFailingSince: Date | null;
  nextRunAt: Date;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  history: { status: OperationStatus; at: Date }[];
  /** Raised by every change a client can see; the id of its server-sent events. */
  version: number;
}

export type OperationOf<T extends keyof OperationParts> = OperationBase & {
  type: T;
  /** What has been done for good, by `OPERATION_RULES`; null before the first step. */
  step: OperationStep<T> | null;
  request: OperationParts[T]['request'];
  result: OperationParts[T]['result'] | null;
};

/** Every operation that can exist; discriminated by `type`. */
export type OperationDocument = { [T in keyof OperationParts]: OperationOf<T> }[keyof OperationParts];

const progress = object<OperationBase['progress']>({
  total: required(Number),
  done: required(Number),
  skipped: required(Number),
  failed: required(Number),
  alreadyLicensed: required(Number),
  at: nullable(Date),
  runStartedAt: nullable(Date),
  runStartedWith: required(Number),
  claimedAt: optionalOrNull(Date),
  claimedWith: optional(Number),
});

const OPEN = { status: { $in: ['accepted', 'running', 'paused', 'requiresAction', 'parked'] } };

/** Statuses that few operations come to: an operation that succeeds never writes the index of these. */
export const RARE_STATUSES: readonly OperationStatus[] = [
  'paused',
  'requiresAction',
  'parked',
  'rejected',
  'failed',
  'stopped',
];
const RARE = { status: { $in: [...RARE_STATUSES] } };

export const operations = defineCollection<OperationDocument>('operations', {
  owner: 'tenant',
  retention: { field: 'endedAt', seconds: RETENTION.operations },
  fields: {
    _id: required(String),
    tenantId: required(String),
    type: required(oneOf(OPERATION_TYPES)),
    queue: required(oneOf(QUEUES)),
    status: required(oneOf(OPERATION_STATUSES)),
    subscriptionId: nullable(String),
    requestedBy: required(actorSchema),
    authorizedBy: required(
      object<OperationBase['authorizedBy']>({ userId: required(String), tenantId: required(String) }),
    ),
    origin: required(object<OperationBase['origin']>({ ip: required(String), requestId: required(String) })),
    request: required(anyObject()),
    result: nullable(anyObject()),
    progress: required(progress),
    cursor: nullable(String),
    chunks: required(Number),
    tail: nullable(
      object<TailCounts>({
        moved: required(Number),
        alreadyLicensed: required(Number),
        skipped: required(Number),
        chunks: required(Number),
      }),
    ),
    step: nullable(String),
    error: nullable(
      object<NonNullable<OperationBase['error']>>({
        code: required(String),
        detail: required(String),
        reasons: optional([String]),
      }),
    ),
    lease: nullable(
      object<Lease>({ until: required(Date), worker: required(String), claim: optional(String) }),
    ),
    fence: required(Number),
    starts: required(Number),
    providerFailures: required(Number),
    providerFailingSince: nullable(Date),
    nextRunAt: required(Date),
    createdAt: required(Date),
    startedAt: nullable(Date),
    endedAt: nullable(Date),
    history: required([statusHistory(OPERATION_STATUSES)]),
    version: required(Number),
  },
  indexes: [
    {
      key: { queue: 1, nextRunAt: 1 },
      partialFilterExpression: { status: { $in: ['accepted', 'running'] } },
      name: 'due',
      serves: 'It finds operations of a queue that are due. [OPS-4]',
    },
    // Lists are newest first by `_id`, for ids are sortable by time.
    { key: { tenantId: 1, _id: -1 }, serves: 'It lists the operations of a tenant.' },
    { key: { tenantId: 1, type: 1, _id: -1 }, serves: 'It lists the operations of a type.' },
    {
      key: { tenantId: 1, 'requestedBy.userId': 1, _id: -1 },
      serves: 'It lists what a user asked for. [OWN-1]',
    },
    {
      key: { tenantId: 1, status: 1, _id: -1 },
      partialFilterExpression: RARE,
      name: 'rareByStatus',
      serves: 'It lists the operations of a tenant that came to a rare status.',
    },
    {
      key: { status: 1, _id: -1 },
      partialFilterExpression: OPEN,
      name: 'openByStatus',
      serves: 'It lists open operations of all tenants, for operators. [OPS-1]',
    },
    { key: { subscriptionId: 1, _id: -1 }, serves: 'It lists the operations about a subscription.' },
  ],
});
