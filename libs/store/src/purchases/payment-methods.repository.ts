import { DomainError, LIVING_STATUSES, notFound } from '@commissary/domain';
import { BATCHED_READ, BatchedTenantReads } from '../batched-reads.js';
import type { Database, Session } from '../database.js';
import type { PaymentMethodDocument } from '../collections/index.js';
import { insertAll } from '../insert-all.js';

const OPEN = ['accepted', 'running', 'paused', 'requiresAction', 'parked'] as const;

/** Operations that charge a card. */
const PAYING = ['purchase', 'seatChange', 'renewal'] as const;

/** A user's cards, each known by the provider's name for it alone. */
export class PaymentMethodsRepository {
  private readonly reads: BatchedTenantReads<PaymentMethodDocument>;

  constructor(private readonly database: Database) {
    this.reads = new BatchedTenantReads((ids, tenantIds) =>
      this.methods.find({ _id: { $in: ids }, tenantId: { $in: tenantIds } }, null, BATCHED_READ).lean(),
    );
  }

  private get methods() {
    return this.database.models.paymentMethods;
  }

  /** Whether removed or not; null if unknown or another tenant's. Outside any transaction, and read together with others. */
  async find(tenantId: string, methodId: string): Promise<PaymentMethodDocument | null> {
    return this.reads.get(tenantId, methodId);
  }

  async insert(session: Session, method: PaymentMethodDocument): Promise<void> {
    await insertAll(this.methods, [method], session);
  }

  /** Newest first; `after` is the id of the last one of the page before. */
  async list(
    tenantId: string,
    userId: string,
    page: { limit: number; after?: string },
  ): Promise<PaymentMethodDocument[]> {
    return this.methods
      .find({ tenantId, userId, removedAt: null, ...(page.after && { _id: { $lt: page.after } }) })
      .sort({ _id: -1 })
      .limit(page.limit)
      .lean();
  }

  /** Marks the card as used by a payment, so that this and its removal cannot miss each other. Throws `not_found`. */
  async use(
    session: Session,
    tenantId: string,
    userId: string,
    methodId: string,
    now: Date,
  ): Promise<PaymentMethodDocument> {
    const method = await this.methods
      .findOneAndUpdate(
        { _id: methodId, tenantId, userId, removedAt: null },
        { $set: { usedAt: now } },
        { session, returnDocument: 'after' },
      )
      .lean();
    if (!method) throw notFound();
    return method;
  }

  /** Throws `not_found`, and `card_in_use` while a living subscription, its bill open or not, or a payment under way needs it. */
  async remove(
    session: Session,
    tenantId: string,
    userId: string,
    methodId: string,
    now: Date,
  ): Promise<PaymentMethodDocument> {
    const method = await this.methods
      .findOneAndUpdate(
        { _id: methodId, tenantId, userId, removedAt: null },
        { $set: { removedAt: now } },
        { session, returnDocument: 'before' },
      )
      .lean();
    if (!method) throw notFound();
    if (await this.isNeeded(session, tenantId, methodId)) {
      throw new DomainError('card_in_use', 'A subscription is paid with this card.');
    }
    return method;
  }

  private async isNeeded(session: Session, tenantId: string, methodId: string): Promise<boolean> {
    const { subscriptions, operations } = this.database.models;
    const subscription = await subscriptions
      .findOne(
        { paymentMethodId: methodId, tenantId, status: { $in: [...LIVING_STATUSES] } },
        { _id: 1 },
        { session },
      )
      .lean();
    if (subscription) return true;
    const payment = await operations
      .findOne(
        {
          tenantId,
          status: { $in: [...OPEN] },
          type: { $in: [...PAYING] },
          'request.paymentMethodId': methodId,
        },
        { _id: 1 },
        { session },
      )
      .lean();
    return payment !== null;
  }
}
