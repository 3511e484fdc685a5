import { Injectable } from '@nestjs/common';
import type { SubscriptionChangeBody, SubscriptionView } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import { requireUnlocked } from '@commissary/policies';
import {
  Database,
  DatabaseClock,
  PaymentMethodsRepository,
  type Session,
  type SubscriptionChange,
  type SubscriptionDocument,
  SubscriptionsRepository,
  type NewEventOf,
  recordChange,
} from '@commissary/store';
import { auditOf } from '../http/change-record.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import { useCard } from '../payment-methods/use-card.js';
import { requirePurchaser } from './subscription-access.js';
import { SubscriptionReader } from './subscription-reader.service.js';

/** What a purchaser changes of a subscription at once: the card that pays for it, and whether it renews. [OWN-4, BUY-9] */
@Injectable()
export class SubscriptionChangesService {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly methods: PaymentMethodsRepository,
    private readonly reader: SubscriptionReader,
  ) {}

  /**
   * Throws `not_found`, `takeover_required`, `forbidden`, `operation_in_progress`, `invalid_request` for a card that cannot pay, and
   * `illegal_state` for what has ended, does not renew or has an open bill.
   */
  async change(
    ctx: RequestContext,
    subscriptionId: string,
    body: SubscriptionChangeBody,
  ): Promise<SubscriptionView> {
    const changed = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const before = await this.subscriptions.get(ctx.tenantId, subscriptionId, session);
      requirePurchaser(ctx, before);
      requireUnlocked(before);
      if (before.status === 'deleted') throw illegal(before.status, 'This subscription has ended.');
      const wanted = { ...before, ...body };
      await this.requireCard(ctx, session, before, body, now);
      const change = changeTo(before, wanted);
      if (change === null) return before;
      const after = await this.subscriptions.change(session, before, change, now);
      await recordChange(this.database, session, now, recordsOfChange(ctx, before, after));
      return after;
    });
    return this.reader.view(ctx, changed);
  }

  /** A card that is named, and the one that is to pay for what shall renew again. */
  private async requireCard(
    ctx: RequestContext,
    session: Session,
    before: SubscriptionDocument,
    body: SubscriptionChangeBody,
    now: Date,
  ): Promise<void> {
    const turnsOn = body.autoRenew === true && !before.autoRenew;
    if (turnsOn) requireRenewable(before);
    if (!turnsOn && body.paymentMethodId === undefined) return;
    const paymentMethodId = body.paymentMethodId ?? before.paymentMethodId;
    if (paymentMethodId === null) {
      throw invalidRequest('/paymentMethodId', 'required', 'Choose the card that pays for the renewal.');
    }
    await useCard(this.methods, ctx, session, paymentMethodId, now);
  }
}

/** [BUY-8, BUY-9, SUB-3] */
const requireRenewable = ({ isTrial, lifecycle }: SubscriptionDocument): void => {
  if (isTrial) throw illegal('trial', 'A trial does not renew; buy the product instead.');
  if (lifecycle.unpaid) throw illegal('unpaid', 'Its bill is open: pay it instead.');
};

type Wanted = Pick<SubscriptionDocument, 'autoRenew' | 'paymentMethodId'>;

/** Null if nothing changes. */
const changeTo = (before: SubscriptionDocument, wanted: Wanted): SubscriptionChange | null => {
  const { autoRenew, paymentMethodId } = wanted;
  if (autoRenew === before.autoRenew && paymentMethodId === before.paymentMethodId) return null;
  return { autoRenew, paymentMethodId };
};

const recordsOfChange = (ctx: RequestContext, before: SubscriptionDocument, after: SubscriptionDocument) => {
  const { _id, tenantId, autoRenew, renewsAt } = after;
  const audit = auditOf(ctx, {
    action: 'subscription.changed',
    subject: { type: 'subscription', id: _id },
    before: valuesOf(before),
    after: valuesOf(after),
  });
  const event: NewEventOf<'subscription.changed'> = {
    tenantId,
    type: 'subscription.changed',
    subjectId: _id,
    operationId: null,
    data: { autoRenew, renewsAt: renewsAt?.toISOString() ?? null },
  };
  return { audit: [audit], events: [event] };
};

const valuesOf = ({ autoRenew, paymentMethodId, lifecycle }: SubscriptionDocument) => ({
  autoRenew,
  paymentMethodId,
  seatsAtRenewal: lifecycle.seatsAtRenewal,
});

const illegal = (state: string, detail: string): DomainError =>
  new DomainError('illegal_state', detail, { state });
