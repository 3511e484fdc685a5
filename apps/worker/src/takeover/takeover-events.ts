import type { Money } from '@commissary/domain';
import type { NotificationParams } from '@commissary/contracts';
import {
  mail,
  type NewAudit,
  type NewEvent,
  type OperationDocument,
  type SubscriptionDocument,
} from '@commissary/store';

type Cause = NotificationParams<'canceled'>['cause'];

/** A subscription came to its end; its purchaser, if it has one, is told by mail. [MOV-5, CAN-2] */
export const canceledEvent = (
  subscription: SubscriptionDocument,
  operation: OperationDocument,
  cause: Cause,
  refunded: Money | null,
): NewEvent => {
  const purchasers = subscription.purchaserId === null ? [] : [subscription.purchaserId];
  return {
    tenantId: operation.tenantId,
    type: 'subscription.canceled',
    subjectId: subscription._id,
    operationId: operation._id,
    data: { cause, recipients: { canceled: purchasers } },
    mails: purchasers.map((purchaser) =>
      mail('canceled', purchaser, {
        subscriptionId: subscription._id,
        productName: subscription.productName,
        cause,
        seats: subscription.seats.purchased,
        refunded,
      }),
    ),
  };
};

export const canceledAudit = (
  subscription: SubscriptionDocument,
  operation: OperationDocument,
): NewAudit => ({
  ...subscriptionEntry(subscription, operation),
  action: 'subscription.canceled',
  before: { status: subscription.status },
  after: { status: 'deleted' },
});

/** Renewal was turned off, and the subscription lives on until the end of its term. */
export const renewalTurnedOffAudit = (
  subscription: SubscriptionDocument,
  operation: OperationDocument,
): NewAudit => ({
  ...subscriptionEntry(subscription, operation),
  action: 'subscription.renewalTurnedOff',
  before: { autoRenew: subscription.autoRenew },
  after: { autoRenew: false },
});

const subscriptionEntry = (subscription: SubscriptionDocument, operation: OperationDocument) => ({
  tenantId: operation.tenantId,
  actor: operation.requestedBy,
  subject: { type: 'subscription' as const, id: subscription._id },
  ip: operation.origin.ip,
  requestId: operation.origin.requestId,
  operationId: operation._id,
});
