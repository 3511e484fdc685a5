import type { mongo, QueryFilter } from 'mongoose';
import {
  CLAIMABLE_STATUSES,
  DomainError,
  isEnded,
  NO_PROGRESS,
  notFound,
  type OperationStatus,
  type OperationType,
  SYSTEM,
} from '@commissary/domain';
import { QUEUE_OF_OPERATION } from '@commissary/contracts';
import { RARE_STATUSES } from '../collections/operations.js';
import type { Database, Session } from '../database.js';
import type { OperationDocument, OperationOf, OperationParts } from '../collections/index.js';
import { statusFields } from './status-fields.js';
import { insertAll } from '../insert-all.js';
import { acrossTenants } from '../schema/tenancy.js';

export interface NewOperation<T extends keyof OperationParts> {
  id: string;
  tenantId: string;
  type: T;
  subscriptionId: string | null;
  request: OperationParts[T]['request'];
  requestedBy: OperationDocument['requestedBy'];
  origin: OperationDocument['origin'];
  /** How many users (or 1) it is about, where known. */
  total: number;
}

export interface OperationFilter {
  type?: OperationType;
  status?: OperationStatus;
  /** Only those that are this user's affair: asked for by them, or fallen due on what they bought. [OWN-1] */
  ofUserId?: string;
}

export interface Page {
  limit: number;
  /** Id of the last row of the page before. */
  after?: string;
}

const OPERATORS = acrossTenants('operators: operations of all tenants');

const BY_REQUESTER = { tenantId: 1, 'requestedBy.userId': 1, _id: -1 } as const;
const BY_SUBSCRIPTION = { subscriptionId: 1, _id: -1 } as const;

/** Which index has the fewest to look through: a plan kept from another tenant's list may be any. */
const indexOf = ({ type, status }: OperationFilter): mongo.Hint => {
  if (status !== undefined && RARE_STATUSES.includes(status)) return 'rareByStatus';
  if (status !== undefined && status !== 'succeeded') return 'openByStatus';
  return type === undefined ? { tenantId: 1, _id: -1 } : { tenantId: 1, type: 1, _id: -1 };
};

export class OperationsRepository {
  constructor(private readonly database: Database) {}

  private get operations() {
    return this.database.models.operations;
  }

  /** A fresh document, due at once: at `dueAt` by the database's own time, which a test's `now` need not be. */
  static newDocument<T extends keyof OperationParts>(
    given: NewOperation<T>,
    now: Date,
    dueAt: Date = now,
  ): OperationOf<T> {
    const document: OperationOf<T> = {
      _id: given.id,
      tenantId: given.tenantId,
      type: given.type,
      queue: QUEUE_OF_OPERATION[given.type],
      status: 'accepted',
      subscriptionId: given.subscriptionId,
      requestedBy: given.requestedBy,
      authorizedBy: { userId: given.requestedBy.userId, tenantId: given.requestedBy.tenantId },
      origin: given.origin,
      request: given.request,
      result: null,
      error: null,
      progress: {
        ...NO_PROGRESS,
        total: given.total,
        alreadyLicensed: 0,
        at: null,
        runStartedAt: null,
        runStartedWith: 0,
      },
      cursor: null,
      chunks: 0,
      tail: null,
      step: null,
      lease: null,
      fence: 0,
      starts: 0,
      providerFailures: 0,
      providerFailingSince: null,
      nextRunAt: dueAt,
      createdAt: now,
      startedAt: null,
      endedAt: null,
      history: [{ status: 'accepted', at: now }],
      version: 1,
    };
    return document;
  }

  async insert(session: Session, operation: OperationDocument): Promise<void> {
    await insertAll(this.operations, [operation], session);
  }

  /** Throws `not_found` for unknown and foreign ids alike. */
  async get(tenantId: string, operationId: string, session?: Session): Promise<OperationDocument> {
    const operation = await this.operations.findOne({ _id: operationId, tenantId }, null, { session }).lean();
    if (!operation) throw notFound();
    return operation;
  }

  /** Newest first. */
  async list(tenantId: string, filter: OperationFilter, page: Page): Promise<OperationDocument[]> {
    const { type, status, ofUserId } = filter;
    const query = {
      tenantId,
      ...(page.after && { _id: { $lt: page.after } }),
      ...(type && { type }),
      ...(status && { status }),
    } as QueryFilter<OperationDocument>;
    if (ofUserId !== undefined) return this.listAffairs(query, tenantId, ofUserId, page);
    const { limit } = page;
    return this.operations.find(query, null, { sort: { _id: -1 }, limit, hint: indexOf(filter) }).lean();
  }

  /** What the user asked for; and what time asked for, where they are the purchaser. Each by its own index. */
  private async listAffairs(
    query: QueryFilter<OperationDocument>,
    tenantId: string,
    userId: string,
    { limit }: Page,
  ): Promise<OperationDocument[]> {
    const bought = await this.database.models.subscriptions
      .find({ tenantId, purchaserId: userId }, { _id: 1 })
      .lean();
    const subscriptionId = { $in: bought.map(({ _id }) => _id) };
    const [asked, due] = await Promise.all(
      [
        { of: { 'requestedBy.userId': userId }, hint: BY_REQUESTER },
        { of: { subscriptionId, 'requestedBy.userId': SYSTEM.userId }, hint: BY_SUBSCRIPTION },
      ].map(({ of, hint }) =>
        this.operations
          .find({ ...query, ...of } as QueryFilter<OperationDocument>, null, {
            sort: { _id: -1 },
            limit,
            hint,
          })
          .lean(),
      ),
    );
    return [...(asked ?? []), ...(due ?? [])].sort((a, b) => (a._id < b._id ? 1 : -1)).slice(0, limit);
  }

  /** Across tenants, for operators. [OPS-1] */
  async listForOperators(status: OperationStatus, page: Page): Promise<OperationDocument[]> {
    const query = {
      status,
      ...(page.after && { _id: { $lt: page.after } }),
    } as QueryFilter<OperationDocument>;
    return this.operations.find(query, null, { sort: { _id: -1 }, limit: page.limit, ...OPERATORS }).lean();
  }

  /** Across tenants, for operators: the tenant follows from the operation. Throws `not_found`. */
  async getForOperators(operationId: string): Promise<OperationDocument> {
    const operation = await this.operations.findOne({ _id: operationId }, null, OPERATORS).lean();
    if (!operation) throw notFound();
    return operation;
  }

  /**
   * Takes the operation away from its run, which gives up at its next chunk; nobody claims it before its lease is over. Bulk work
   * writes one chunk right after the other, and a transaction that needs several of its documents would hardly ever find all of them
   * free: a write of one document by itself waits in the server for its turn.
   */
  async overtake({ _id, tenantId }: OperationDocument): Promise<void> {
    await this.operations.updateOne({ _id, tenantId, status: 'running' }, { $inc: { fence: 1 } });
    await this.refuseTail(_id, tenantId);
  }

  /** A running or waiting operation stops at its next chunk; the run that holds it finds its fence no longer matched. */
  async pause(session: Session, operation: OperationDocument): Promise<OperationDocument> {
    const paused = await this.change(session, operation, [...CLAIMABLE_STATUSES], 'paused', { lease: null });
    await this.refuseTail(operation._id, operation.tenantId, session);
    return paused;
  }

  /** A move's second half writes without looking at the operation. */
  private async refuseTail(operationId: string, tenantId: string, session?: Session): Promise<void> {
    const { moveTails } = this.database.models;
    await moveTails.updateOne({ _id: operationId, tenantId }, { $set: { fence: 0 } }, { session });
  }

  /**
   * `paused` and `parked` go on from where they were, answered for by `authorizedBy`. The fence is raised, for it names the wake-up
   * job: the one of the old number may be kept in Redis as completed, and would swallow a new one.
   */
  async resume(
    session: Session,
    operation: OperationDocument,
    authorizedBy: OperationDocument['authorizedBy'] = operation.authorizedBy,
  ): Promise<OperationDocument> {
    return this.change(session, operation, ['paused', 'parked'], 'accepted', {
      authorizedBy: { $literal: authorizedBy },
      lease: null,
      fence: { $add: ['$fence', 1] },
      error: null,
      starts: 0,
      providerFailures: 0,
      providerFailingSince: null,
      nextRunAt: '$$NOW',
      'progress.claimedAt': null,
    });
  }

  /** Ends an open operation from outside its run; the caller frees its locks and reservations in the same transaction. */
  async endFromOutside(
    session: Session,
    operation: OperationDocument,
    from: readonly OperationStatus[],
    status: 'stopped' | 'failed',
    fields: Pick<OperationDocument, 'result' | 'error'>,
  ): Promise<OperationDocument> {
    return this.change(session, operation, from, status, {
      lease: null,
      endedAt: '$$NOW',
      result: { $literal: fields.result },
      error: { $literal: fields.error },
    });
  }

  private async change(
    session: Session,
    operation: OperationDocument,
    from: readonly OperationStatus[],
    to: OperationStatus,
    fields: Record<string, unknown>,
  ): Promise<OperationDocument> {
    const changed = await this.operations
      .findOneAndUpdate(
        { _id: operation._id, tenantId: operation.tenantId, status: { $in: [...from] } },
        [{ $set: statusFields(to, fields) }],
        { updatePipeline: true, session, returnDocument: 'after' },
      )
      .lean();
    if (changed) return changed;
    const current = await this.operations
      .findOne({ _id: operation._id, tenantId: operation.tenantId }, null, { session })
      .lean();
    throw illegalNow(current ?? operation);
  }
}

/** Why an operation cannot be changed as asked: by what it has come to. */
export const illegalNow = ({ status }: Pick<OperationDocument, 'status'>): DomainError => {
  const detail = isEnded(status) ? `The operation has ended: ${status}.` : `The operation is ${status}.`;
  return new DomainError('illegal_state', detail, { state: status });
};
