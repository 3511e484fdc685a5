import type { AuditActionAbout, DeclineCode, Money } from '@commissary/domain';
import {
  mail,
  type NewAudit,
  type NewEvent,
  type OperationOf,
  type OrderDocument,
  type RenewalResult,
  type SubscriptionDocument,
} from '@commissary/store';
import { receiptMail } from '../charging/receipt.js';
import type { RenewalFacts } from './renewal-facts.js';

type Renewal = OperationOf<'renewal'>;

/** The next term is paid: a receipt. [MSG-1, BUY-9] */
export const renewedEvent = (
  operation: Renewal,
  facts: RenewalFacts,
  order: OrderDocument,
  renewed: SubscriptionDocument,
  result: RenewalResult,
): NewEvent => ({
  tenantId: operation.tenantId,
  type: 'subscription.renewed',
  subjectId: renewed._id,
  operationId: operation._id,
  data: { orderId: order._id, total: order.total, recipients: { receipt: facts.recipients } },
  mails: facts.recipients.map((recipient) =>
    receiptMail(recipient, order, result.invoiceId, {
      subscription: renewed,
      product: facts.product,
      method: facts.method,
    }),
  ),
});

/** The card did not pay for the next term: what to do, and when it is tried again. [MSG-1, BUY-9] */
export const renewalFailedEvent = (
  operation: Renewal,
  facts: RenewalFacts,
  order: OrderDocument,
  failure: { code: DeclineCode; tryAgainAt: Date | null },
): NewEvent => ({
  tenantId: operation.tenantId,
  type: 'renewal.failed',
  subjectId: facts.subscription._id,
  operationId: operation._id,
  data: {
    orderId: order._id,
    code: failure.code,
    tryAgainAt: failure.tryAgainAt,
    recipients: { cardDeclined: facts.recipients },
  },
  mails: facts.recipients.map((recipient) =>
    mail('cardDeclined', recipient, {
      orderId: order._id,
      productName: order.productName,
      quantity: order.quantity,
      total: order.total,
      reason: failure.code,
      renewal: {
        invoiceId: operation.request.invoiceId,
        subscriptionId: facts.subscription._id,
        tryAgainAt: failure.tryAgainAt?.toISOString() ?? null,
      },
    }),
  ),
});

/** What a run changed of a subscription, and on whose behalf. [ADM-9] */
export const subscriptionAudit = (
  operation: Pick<OperationOf<'renewal' | 'seatChange'>, '_id' | 'tenantId' | 'requestedBy' | 'origin'>,
  action: AuditActionAbout<'subscription'>,
  before: SubscriptionDocument,
  after: SubscriptionDocument,
): NewAudit => ({
  tenantId: operation.tenantId,
  actor: operation.requestedBy,
  action,
  subject: { type: 'subscription', id: before._id },
  before: shownOf(before),
  after: shownOf(after),
  ...operation.origin,
  operationId: operation._id,
});

const shownOf = (subscription: SubscriptionDocument) => ({
  status: subscription.status,
  seats: subscription.seats.purchased,
  seatsAtRenewal: subscription.lifecycle.seatsAtRenewal,
  unitPrice: subscription.unitPrice satisfies Money,
  expiresAt: subscription.expiresAt,
});
