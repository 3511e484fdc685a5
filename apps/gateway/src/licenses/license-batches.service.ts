import { Injectable } from '@nestjs/common';
import type { AssignmentOutcomesView, LicenseBatchBody, RemovalOutcomesView } from '@commissary/contracts';
import { notFound } from '@commissary/domain';
import { assignOutcome, checkLicenseChange } from '@commissary/policies';
import {
  CatalogRepository,
  Database,
  DatabaseClock,
  LicenseAssignments,
  type LicenseBatch,
  type Session,
  SubscriptionsRepository,
  recordChange,
  KeyedMutex,
  userIdsWith,
} from '@commissary/store';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { isPurchaser } from '../subscriptions/subscription-access.js';
import { recordsOfAssignment, recordsOfRemoval } from './license-events.js';

/** Licenses given and taken by the batch: rule, seats, mails and audit in one transaction. [OWN-3, ADM-5, ADM-6] */
@Injectable()
export class LicenseBatchesService {
  private readonly mutex = new KeyedMutex();

  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly assignments: LicenseAssignments,
    private readonly catalog: CatalogRepository,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * One outcome per user in the order of the request. The key of a keyed request gets the same answer again.
   * Throws `not_found`, `takeover_required`, `forbidden`, `operation_in_progress` and `illegal_state`.
   */
  async assign(
    ctx: RequestContext,
    keyed: IdempotentRequest | null,
    subscriptionId: string,
    body: LicenseBatchBody,
  ): Promise<AssignmentOutcomesView> {
    const { productById } = await this.catalog.current();
    return this.inTurn(keyed, subscriptionId, body, async (session, now) => {
      const batch = await this.batch(ctx, session, subscriptionId, body.users, 'assign');
      const items = await this.assignments.assign(session, batch, assignOutcome, now);
      const trainingUrl = productById.get(batch.subscription.productId)?.trainingUrl ?? '';
      const records = recordsOfAssignment(ctx, batch.subscription, items, trainingUrl);
      await recordChange(this.database, session, now, records);
      return { items };
    });
  }

  /** One outcome per user in the order of the request. Throws what `assign` throws. */
  async remove(
    ctx: RequestContext,
    keyed: IdempotentRequest | null,
    subscriptionId: string,
    body: LicenseBatchBody,
  ): Promise<RemovalOutcomesView> {
    return this.inTurn(keyed, subscriptionId, body, (session, now) =>
      this.removeIn(ctx, session, now, subscriptionId, body.users),
    );
  }

  /** Throws `not_found` for who is not licensed here too, and what `assign` throws. */
  async removeOne(ctx: RequestContext, subscriptionId: string, userId: string): Promise<void> {
    const { items } = await this.mutex.runExclusive(subscriptionId, () =>
      this.database.transaction((session) =>
        this.removeIn(ctx, session, this.clock.now(), subscriptionId, [userId]),
      ),
    );
    if (userIdsWith(items, 'removed').length === 0) throw notFound();
  }

  private async removeIn(
    ctx: RequestContext,
    session: Session,
    now: Date,
    subscriptionId: string,
    users: readonly string[],
  ): Promise<RemovalOutcomesView> {
    const batch = await this.batch(ctx, session, subscriptionId, users, 'remove');
    const items = await this.assignments.remove(session, batch);
    await recordChange(this.database, session, now, recordsOfRemoval(ctx, batch.subscription, items));
    return { items };
  }

  /** Read and judged inside the transaction, so that a lock taken meanwhile is not missed. [MOV-6] */
  private async batch(
    ctx: RequestContext,
    session: Session,
    subscriptionId: string,
    users: readonly string[],
    change: 'assign' | 'remove',
  ): Promise<LicenseBatch> {
    const { tenantId, permissions } = ctx;
    const subscription = await this.subscriptions.get(tenantId, subscriptionId, session);
    checkLicenseChange(subscription, change, { isPurchaser: isPurchaser(ctx, subscription), permissions });
    return { tenantId, subscription, users, by: ctx.user._id };
  }

  /** Batches on one subscription take turns; a key is not asked for, for the same batch again changes nothing more. */
  private inTurn<View>(
    keyed: IdempotentRequest | null,
    subscriptionId: string,
    body: LicenseBatchBody,
    work: (session: Session, now: Date) => Promise<View>,
  ): Promise<View> {
    return this.mutex.runExclusive(subscriptionId, async () => {
      if (!keyed) return this.database.transaction((session) => work(session, this.clock.now()));
      const answer = await this.accepts.create(keyed, body, async (session, now) => ({
        id: subscriptionId,
        body: await work(session, now),
        status: 200 as const,
      }));
      return answer.body;
    });
  }
}
