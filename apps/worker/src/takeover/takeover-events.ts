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

export const statusAudit = (subscription: SubscriptionDocument, operation: OperationDocument): NewAudit => ({
  tenantId: operation.tenantId,
  actor: operation.requestedBy,
  action: 'subscription.canceled',
  subject: { type: 'subscription', id: subscription._id },
  before: { status: subscription.status },
  after: { status: 'deleted' },
  ip: operation.origin.ip,
  requestId: operation.origin.requestId,
  operationId: operation._id,
});
