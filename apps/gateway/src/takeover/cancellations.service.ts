import { Injectable } from '@nestjs/common';
import type { CancellationBody, OperationView } from '@commissary/contracts';
import { DomainError, notFound } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { type CanceledBy, cancelsAs, checkCancellation } from '@commissary/policies';
import {
  Database,
  mentionedUser,
  type OperationDocument,
  OperationsRepository,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
  type UserDocument,
  UsersRepository,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { requestOrigin } from '../operations/request-origin.js';
import { isPurchaser } from '../subscriptions/subscription-access.js';

/** Cancelling: by the purchaser, by an admin who takes over, by support for an admin. [OWN-5, CAN-1, CAN-3] */
@Injectable()
export class CancellationsService {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly users: UsersRepository,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * Accepts a cancellation and locks the subscription.
   * Throws `not_found`, `forbidden`, `invalid_request`, `operation_in_progress` and `illegal_state`.
   */
  accept(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    subscriptionId: string,
    body: CancellationBody,
  ): Promise<Answer<OperationView>> {
    return this.accepts.accept(
      ctx,
      keyed,
      body,
      (session, now, onBehalfOf: UserDocument | null) =>
        this.build(ctx, session, now, { subscriptionId, body, onBehalfOf }),
      () => this.namedAdmin(ctx, body),
    );
  }

  private async build(
    ctx: RequestContext,
    session: Session,
    now: Date,
    asked: { subscriptionId: string; body: CancellationBody; onBehalfOf: UserDocument | null },
  ): Promise<OperationDocument> {
    const { body, onBehalfOf } = asked;
    const subscription = await this.subscriptions.get(ctx.tenantId, asked.subscriptionId, session);
    const by = capacityOf(ctx, subscription, body);
    const reason = body.reason ?? null;
    const verdict = checkCancellation(
      subscription,
      { by, reason, onBehalfOf: onBehalfOf?.roles ?? null },
      now,
    );
    const operationId = newId('op');
    await this.subscriptions.lock(session, ctx.tenantId, subscription._id, operationId);
    return OperationsRepository.newDocument(
      {
        id: operationId,
        tenantId: ctx.tenantId,
        type: 'cancellation',
        subscriptionId: subscription._id,
        request: { by, reason, comment: body.comment ?? null, onBehalfOf: onBehalfOf?._id ?? null },
        ...requestOrigin(ctx),
        total: verdict === 'turnOffRenewal' ? 0 : subscription.seats.assigned,
      },
      now,
    );
  }

  /** The admin whom support acts for; null where none is named, or who is named cannot ask for it. [CAN-3] */
  private async namedAdmin(ctx: RequestContext, body: CancellationBody): Promise<UserDocument | null> {
    const asked = body.requestedBy ?? null;
    if (asked === null) return null;
    if (!ctx.permissions.has('support.cancel')) {
      throw invalidRequest('/requestedBy', 'support_only', 'Only support cancels on behalf of an admin.');
    }
    const named = await mentionedUser(this.database, ctx.tenantId, asked);
    const user = named && (await this.users.find(ctx.tenantId, named._id));
    return user?.state === 'active' ? user : null;
  }
}

/** In which capacity the caller cancels; throws `not_found` to who may not see it and `forbidden` to who may only look. */
const capacityOf = (
  ctx: RequestContext,
  subscription: SubscriptionDocument,
  body: CancellationBody,
): CanceledBy => {
  const caller = { isPurchaser: isPurchaser(ctx, subscription), reason: body.reason ?? null };
  const by = cancelsAs(ctx.permissions, caller);
  if (by !== null) return by;
  if (!ctx.permissions.has('subscriptions.readAll')) throw notFound();
  throw new DomainError('forbidden', 'Your role does not allow this.');
};
