import { Injectable } from '@nestjs/common';
import {
  type AuditActionAbout,
  isRise,
  type LifecycleStep,
  type Money,
  renewalPrice,
  seatsToRenew,
  stepDue,
  SYSTEM,
  unitPriceOf,
} from '@commissary/domain';
import { Failpoints, newId } from '@commissary/platform';
import {
  CatalogRepository,
  Database,
  DatabaseClock,
  type NewAudit,
  type NewEvent,
  type OperationDocument,
  OperationsRepository,
  PaymentMethodsRepository,
  type Session,
  type SubscriptionChange,
  type SubscriptionDocument,
  SubscriptionsRepository,
  recordChange,
  TenantsRepository,
  UsersRepository,
} from '@commissary/store';
import {
  acceptedAudit,
  lifeEvent,
  reminderMail,
  steppedAudit,
  systemIn,
  trialEndingMail,
  type Upcoming,
} from './lifecycle-events.js';

export interface Stepped {
  step: LifecycleStep;
  /** What a worker now has to do, for the steps that are operations. */
  operation: OperationDocument | null;
  notificationIds: string[];
}

/** What a step changes, records and starts. */
interface Outcome {
  change: SubscriptionChange;
  events?: NewEvent[];
  action?: AuditActionAbout<'subscription'>;
  operation?: OperationDocument;
}

/** One step of a subscription's life, each in one transaction that reads it afresh: two schedulers at once take it once. [BUY-9, SUB-3] */
@Injectable()
export class LifecycleSteps {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly operations: OperationsRepository,
    private readonly users: UsersRepository,
    private readonly tenants: TenantsRepository,
    private readonly catalog: CatalogRepository,
    private readonly clock: DatabaseClock,
    private readonly failpoints: Failpoints,
    private readonly methods: PaymentMethodsRepository,
  ) {}

  /** Null if nothing is due, or an operation is at work on it: a renewal that falls due waits for the end. [MOV-6] */
  async take({ _id, tenantId }: Pick<SubscriptionDocument, '_id' | 'tenantId'>): Promise<Stepped | null> {
    const stepped = await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const subscription = await this.subscriptions.get(tenantId, _id, session);
      if (subscription.operationId !== null || subscription.seats.reservations.length > 0) return null;
      const step = stepDue(subscription, now);
      if (step === null) {
        // Found by a time that another version worked out.
        await this.subscriptions.change(session, subscription, {}, now);
        return null;
      }
      const outcome = await this.outcomeOf(step, session, subscription, now);
      const notificationIds = await this.write(session, subscription, outcome, now);
      await this.failpoints.hit('lifecycle.stepping');
      return { step, operation: outcome.operation ?? null, notificationIds };
    });
    await this.failpoints.hit('lifecycle.stepped');
    return stepped;
  }

  private async write(
    session: Session,
    subscription: SubscriptionDocument,
    { change, events = [], action, operation }: Outcome,
    now: Date,
  ): Promise<string[]> {
    const lock = operation && { operationId: operation._id };
    const changed = await this.subscriptions.change(session, subscription, { ...change, ...lock }, now);
    if (operation) await this.operations.insert(session, operation);
    const audit: NewAudit[] = operation
      ? [acceptedAudit(subscription, operation)]
      : action === undefined
        ? []
        : [steppedAudit(action, subscription, changed)];
    return (await recordChange(this.database, session, now, { events, audit })).notificationIds;
  }

  private outcomeOf(
    step: LifecycleStep,
    session: Session,
    subscription: SubscriptionDocument,
    now: Date,
  ): Promise<Outcome> | Outcome {
    switch (step) {
      case 'announceRise':
        return this.announceRise(session, subscription, now);
      case 'remind':
        return this.remind(session, subscription);
      case 'renew':
        return this.renew(subscription, now);
      case 'expire':
        return ended(subscription, 'expired');
      case 'disable':
        return ended(subscription, 'disabled');
      case 'delete':
        return this.delete(subscription, now);
    }
  }

  /** A higher price from the next term on, if the price book has one. */
  private async announceRise(
    session: Session,
    subscription: SubscriptionDocument,
    now: Date,
  ): Promise<Outcome> {
    const { expiresAt, lifecycle, unitPrice } = subscription;
    const inForce = await this.priceAt(subscription, expiresAt);
    const looked = { pricedFor: expiresAt };
    const known = lifecycle.rise?.unitPrice ?? unitPrice;
    if (inForce === null || !isRise(known, inForce)) return { change: { lifecycle: looked } };
    const rise = { unitPrice: inForce, announcedAt: now };
    const upcoming = await this.upcoming(subscription, inForce, unitPrice);
    const recipients = await this.recipientsOf(session, subscription);
    return {
      change: { lifecycle: { ...looked, rise } },
      events: [
        lifeEvent(
          subscription,
          'renewal.priceRise',
          { from: unitPrice, to: inForce, recipients: { renewalReminder: recipients } },
          recipients.map((recipient) => reminderMail(subscription, recipient, upcoming)),
        ),
      ],
    };
  }

  private async remind(session: Session, subscription: SubscriptionDocument): Promise<Outcome> {
    const { expiresAt, isTrial, lifecycle, unitPrice: current } = subscription;
    const change = { lifecycle: { remindedOf: expiresAt } };
    const recipients = await this.recipientsOf(session, subscription);
    if (isTrial) {
      const data = { recipients: { trialEnding: recipients } };
      const mails = recipients.map((recipient) => trialEndingMail(subscription, recipient));
      return { change, events: [lifeEvent(subscription, 'trial.ending', data, mails)] };
    }
    const inForce = await this.priceAt(subscription, expiresAt);
    const unitPrice = renewalPrice({ current, inForce, rise: lifecycle.rise }, expiresAt);
    const upcoming = await this.upcoming(
      subscription,
      unitPrice,
      isRise(current, unitPrice) ? current : null,
    );
    const data = { unitPrice, recipients: { renewalReminder: recipients } };
    const mails = recipients.map((recipient) => reminderMail(subscription, recipient, upcoming));
    return { change, events: [lifeEvent(subscription, 'renewal.reminded', data, mails)] };
  }

  private renew(subscription: SubscriptionDocument, now: Date): Outcome {
    const { _id, paymentMethodId, lifecycle } = subscription;
    // Without a card there is nothing to try; it runs out.
    if (paymentMethodId === null) return { change: { autoRenew: false } };
    const request = {
      cause: 'due' as const,
      orderId: lifecycle.unpaid?.orderId ?? newId('ord'),
      invoiceId: lifecycle.unpaid?.invoiceId ?? newId('inv'),
      paymentId: newId('pay'),
      paymentMethodId,
    };
    const operation = OperationsRepository.newDocument(
      { ...this.newOperation(subscription), type: 'renewal', subscriptionId: _id, request, total: 1 },
      now,
      this.clock.server(),
    );
    return { change: {}, operation };
  }

  private delete(subscription: SubscriptionDocument, now: Date): Outcome {
    const request = { by: 'lifecycle' as const, reason: null, comment: null, onBehalfOf: null };
    const operation = OperationsRepository.newDocument(
      {
        ...this.newOperation(subscription),
        type: 'cancellation',
        subscriptionId: subscription._id,
        request,
        total: subscription.seats.assigned,
      },
      now,
      this.clock.server(),
    );
    return { change: {}, operation };
  }

  private newOperation({ tenantId }: SubscriptionDocument) {
    const requestedBy = systemIn(tenantId);
    return { id: newId('op'), tenantId, requestedBy, origin: { ip: '', requestId: SYSTEM.userId } };
  }

  /** In the market of the tenant; null if it is sold no more. */
  private async priceAt(
    { tenantId, productId, term }: SubscriptionDocument,
    at: Date,
  ): Promise<Money | null> {
    const [tenant, catalog] = await Promise.all([this.tenants.find(tenantId), this.catalog.current()]);
    const product = catalog.productById.get(productId);
    if (!product || !tenant || term === null) return null;
    return unitPriceOf(product, 'selfService', tenant.billingCountry, term, at);
  }

  private async upcoming(
    { tenantId, seats, lifecycle, paymentMethodId }: SubscriptionDocument,
    unitPrice: Money,
    oldUnitPrice: Money | null,
  ): Promise<Upcoming> {
    const method = paymentMethodId === null ? null : await this.methods.find(tenantId, paymentMethodId);
    const card = method && { brand: method.brand, last4: method.last4 };
    return { unitPrice, oldUnitPrice, card, quantity: seatsToRenew(seats, lifecycle.seatsAtRenewal) };
  }

  /** The purchaser, or the admins once the purchaser has left. [SUB-2] */
  private recipientsOf(session: Session, { tenantId, purchaserId }: SubscriptionDocument): Promise<string[]> {
    return this.users.answerableFor(tenantId, purchaserId, session);
  }
}

const ended = (subscription: SubscriptionDocument, status: 'expired' | 'disabled'): Outcome => ({
  change: { status },
  events: [lifeEvent(subscription, `subscription.${status}`, {})],
  action: `subscription.${status}`,
});
