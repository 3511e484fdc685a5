import { Injectable } from '@nestjs/common';
import type { CancellationRequestBody, CancellationRequestedView } from '@commissary/contracts';
import { notFound } from '@commissary/domain';
import { checkCancellationRequest } from '@commissary/policies';
import {
  Database,
  mail,
  type NewEvent,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
  recordChange,
  type UserDocument,
  UsersRepository,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import { auditOf } from '../http/change-record.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService, type Created } from '../operations/accept.service.js';

/** Asking the purchaser to cancel, for the organization provides the product centrally. [ADM-6] */
@Injectable()
export class CancellationRequestsService {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly users: UsersRepository,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * One e-mail for each key; who asks again by another key reminds the purchaser, and the audit names both.
   * Throws `not_found`, `operation_in_progress` and `illegal_state`.
   */
  ask(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    subscriptionId: string,
    body: CancellationRequestBody,
  ): Promise<Answer<CancellationRequestedView>> {
    return this.accepts.create(keyed, body, (session, now) =>
      this.recordRequest(ctx, session, now, { subscriptionId, message: body.message || null }),
    );
  }

  private async recordRequest(
    ctx: RequestContext,
    session: Session,
    now: Date,
    { subscriptionId, message }: { subscriptionId: string; message: string | null },
  ): Promise<Created<CancellationRequestedView>> {
    const subscription = await this.subscriptions.get(ctx.tenantId, subscriptionId, session);
    const purchaser = await this.purchaserOf(subscription, session);
    checkCancellationRequest({ ...subscription, purchaser: purchaser?.state ?? null });
    if (!purchaser) throw notFound();
    const audit = auditOf(ctx, {
      action: 'cancellation.requested',
      subject: { type: 'subscription', id: subscriptionId },
      before: null,
      after: { purchaserId: purchaser._id, message },
    });
    const event = askedEvent(subscription, purchaser, ctx.user.displayName, message);
    await recordChange(this.database, session, now, { events: [event], audit: [audit] });
    const { _id: userId, displayName, email } = purchaser;
    const asked = { purchaser: { userId, displayName, email }, requestedAt: now.toISOString() };
    return { id: subscriptionId, body: { subscriptionId, ...asked, message } };
  }

  private async purchaserOf(
    { tenantId, purchaserId }: SubscriptionDocument,
    session: Session,
  ): Promise<UserDocument | null> {
    return purchaserId === null ? null : this.users.find(tenantId, purchaserId, session);
  }
}

const askedEvent = (
  { _id: subscriptionId, tenantId, productName, seats }: SubscriptionDocument,
  purchaser: UserDocument,
  adminName: string,
  message: string | null,
): NewEvent => ({
  tenantId,
  type: 'cancellation.requested',
  subjectId: subscriptionId,
  operationId: null,
  data: { recipients: { pleaseCancel: [purchaser._id] } },
  mails: [
    mail('pleaseCancel', purchaser._id, {
      subscriptionId,
      productName,
      seats: seats.purchased,
      assigned: seats.assigned,
      adminName,
      message,
    }),
  ],
});
