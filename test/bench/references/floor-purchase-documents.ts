/** What one paid purchase writes, as plain documents; the floor of P1 inserts them as they are. */
import { addTerm, chargeEntries, invoiceEntries, type LedgerEntry, newLife } from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  type AuditDocument,
  type EventDocument,
  type InvoiceDocument,
  type LedgerDocument,
  type LicenseDocument,
  type NotificationDocument,
  type OperationOf,
  type OrderDocument,
  type PaymentDocument,
  type PaymentMethodDocument,
  type ProductDocument,
  type PurchaseResult,
  type QuoteDocument,
  type SubscriptionDocument,
  type UserDocument,
  subscriptionSearchKeys,
} from '@commissary/store';

export interface Facts {
  operation: OperationOf<'purchase'>;
  quote: QuoteDocument;
  user: UserDocument;
  card: PaymentMethodDocument;
  product: ProductDocument;
  admins: string[];
}

export const orderFor = ({ operation, quote }: Facts, now: Date): OrderDocument => ({
  _id: operation.request.orderId,
  tenantId: operation.tenantId,
  userId: operation.requestedBy.userId,
  kind: 'purchase',
  operationId: operation._id,
  quoteId: quote._id,
  subscriptionId: operation.request.subscriptionId,
  productId: quote.productId,
  productName: quote.productName,
  channel: 'selfService',
  offer: quote.offer,
  quantity: quote.quantity,
  term: quote.term,
  unitPrice: quote.unitPrice,
  total: quote.total,
  period: null,
  status: 'pending',
  failure: null,
  createdAt: now,
  settledAt: null,
});

export const paymentFor = ({ operation, quote, card }: Facts, now: Date): PaymentDocument => ({
  _id: operation.request.paymentId,
  tenantId: operation.tenantId,
  orderId: operation.request.orderId,
  operationId: operation._id,
  paymentMethodId: card._id,
  amount: quote.total,
  idempotencyKey: operation.request.paymentId,
  status: 'pending',
  chargeId: null,
  declineCode: null,
  attempts: 1,
  nextCheckAt: null,
  refunds: [],
  createdAt: now,
  settledAt: null,
});

export const invoiceFor = ({ operation, quote }: Facts, now: Date): InvoiceDocument => ({
  _id: newId('inv'),
  tenantId: operation.tenantId,
  userId: operation.requestedBy.userId,
  orderId: operation.request.orderId,
  subscriptionId: operation.request.subscriptionId,
  lines: [
    {
      description: quote.productName,
      quantity: quote.quantity,
      unitPrice: quote.unitPrice,
      amount: quote.total,
    },
  ],
  total: quote.total,
  status: 'paid',
  issuedAt: now,
  paidAt: now,
});

export const ledgerFor = ({ operation, quote }: Facts, now: Date): LedgerDocument[] => {
  const row = (kind: LedgerDocument['kind'], entries: LedgerEntry[]): LedgerDocument => ({
    _id: newId('led'),
    tenantId: operation.tenantId,
    kind,
    orderId: operation.request.orderId,
    entries,
    at: now,
  });
  return [row('invoice', invoiceEntries(quote.total)), row('charge', chargeEntries(quote.total))];
};

export const subscriptionFor = ({ operation, quote, user, card }: Facts, now: Date): SubscriptionDocument => {
  const renewsAt = addTerm(now, quote.term ?? 'P1M');
  return {
    _id: operation.request.subscriptionId,
    tenantId: operation.tenantId,
    productId: quote.productId,
    productName: quote.productName,
    origin: 'selfService',
    purchaserId: user._id,
    searchKeys: subscriptionSearchKeys(quote.productName, user),
    seats: { purchased: quote.quantity, assigned: 1, reservations: [] },
    unitPrice: quote.unitPrice,
    purchasePrice: quote.total,
    term: quote.term,
    ...newLife({ isTrial: false, autoRenew: true, expiresAt: renewsAt }, now),
    paymentMethodId: card._id,
    operationId: null,
    version: 1,
  };
};

export const licenseFor = ({ operation, quote, user }: Facts, now: Date): LicenseDocument => ({
  _id: newId('lic'),
  tenantId: operation.tenantId,
  subscriptionId: operation.request.subscriptionId,
  productId: quote.productId,
  userId: user._id,
  assignedAt: now,
  assignedBy: user._id,
});

export const resultFor = (
  { operation, quote }: Facts,
  invoice: InvoiceDocument,
  license: LicenseDocument,
): PurchaseResult => ({
  orderId: operation.request.orderId,
  subscriptionId: operation.request.subscriptionId,
  licenseId: license._id,
  invoiceId: invoice._id,
  charged: quote.total,
});

export const eventFor = ({ operation, user, admins }: Facts, now: Date): EventDocument => ({
  _id: newId('evt'),
  tenantId: operation.tenantId,
  type: 'purchase.completed',
  subjectId: operation.request.subscriptionId,
  operationId: operation._id,
  data: {
    orderId: operation.request.orderId,
    recipients: { receipt: [user._id], purchaseAlert: admins },
  },
  at: now,
});

export const mailsFor = (
  { quote, user, card, product, admins }: Facts,
  event: EventDocument,
  subscription: SubscriptionDocument,
  { orderId, invoiceId }: PurchaseResult,
  now: Date,
): NotificationDocument[] => {
  const common = {
    subscriptionId: subscription._id,
    productName: quote.productName,
    isTrial: false,
    quantity: quote.quantity,
    total: quote.total,
  };
  const receipt = {
    ...common,
    orderId,
    invoiceId,
    trainingUrl: product.trainingUrl,
    term: quote.term,
    unitPrice: quote.unitPrice,
    card: { brand: card.brand, last4: card.last4 },
    renewsAt: subscription.renewsAt?.toISOString() ?? null,
    expiresAt: subscription.expiresAt.toISOString(),
  };
  const alert = { ...common, purchaserName: user.displayName, purchaserEmail: user.email };
  const row = (recipientUserId: string) => ({
    _id: newId('ntf'),
    tenantId: event.tenantId,
    recipientUserId,
    eventId: event._id,
    status: 'queued' as const,
    attempts: 0,
    nextAttemptAt: now,
    lease: null,
    fence: 0,
    lastError: null,
    createdAt: now,
    endedAt: null,
  });
  const key = (template: string, to: string): string => `${event._id}:${template}:${to}`;
  return [
    { ...row(user._id), template: 'receipt', key: key('receipt', user._id), params: receipt },
    ...admins.map((admin) => ({
      ...row(admin),
      template: 'purchaseAlert' as const,
      key: key('purchaseAlert', admin),
      params: alert,
    })),
  ];
};

export const auditFor = (
  { operation, quote }: Facts,
  { orderId, subscriptionId }: PurchaseResult,
  now: Date,
): AuditDocument => ({
  _id: newId('aud'),
  tenantId: operation.tenantId,
  actor: operation.requestedBy,
  action: 'subscription.created',
  subject: { type: 'order', id: orderId },
  before: null,
  after: { subscriptionId, productId: quote.productId, seats: quote.quantity, orderId },
  ip: operation.origin.ip,
  requestId: operation.origin.requestId,
  operationId: operation._id,
  at: now,
});
