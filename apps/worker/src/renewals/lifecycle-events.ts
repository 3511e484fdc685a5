import type { EventData, EventType } from '@commissary/contracts';
import { type AuditActionAbout, type Money, SYSTEM, timesQuantity } from '@commissary/domain';
import {
  mail,
  type NewAudit,
  type NewEventOf,
  type NewMail,
  type SubscriptionDocument,
} from '@commissary/store';

/** The origin of the scheduler's audit entries, which are written like those of a user. [ADM-9] */
const ORIGIN = { ip: '', requestId: 'scheduler' };

export const systemIn = (tenantId: string) => ({ ...SYSTEM, tenantId });

/** A step of a subscription's life, and the change of its status where it has one. [SUB-3] */
export const steppedAudit = (
  action: AuditActionAbout<'subscription'>,
  before: SubscriptionDocument,
  after: SubscriptionDocument,
): NewAudit => ({
  tenantId: before.tenantId,
  actor: systemIn(before.tenantId),
  action,
  subject: { type: 'subscription', id: before._id },
  before: { status: before.status },
  after: { status: after.status },
  ...ORIGIN,
  operationId: null,
});

export const acceptedAudit = (
  { _id, tenantId }: SubscriptionDocument,
  operation: { _id: string; type: string; request: object },
): NewAudit => ({
  tenantId,
  actor: systemIn(tenantId),
  action: 'operation.accepted',
  subject: { type: 'operation', id: operation._id },
  before: null,
  after: { type: operation.type, subscriptionId: _id, request: { ...operation.request } },
  ...ORIGIN,
  operationId: operation._id,
});

export const lifeEvent = <T extends EventType>(
  { _id, tenantId }: SubscriptionDocument,
  type: T,
  data: EventData<T>,
  mails: NewMail[] = [],
): NewEventOf<T> => ({ tenantId, type, subjectId: _id, operationId: null, data, mails });

export interface Upcoming {
  unitPrice: Money;
  quantity: number;
  oldUnitPrice: Money | null;
  card: { brand: string; last4: string } | null;
}

/** The renewal that comes, and a higher price where there is one. [BUY-9] */
export const reminderMail = (
  { _id, productName, term, expiresAt }: SubscriptionDocument,
  recipient: string,
  { unitPrice, quantity, oldUnitPrice, card }: Upcoming,
): NewMail =>
  mail('renewalReminder', recipient, {
    subscriptionId: _id,
    productName,
    quantity,
    term: term ?? 'P1M',
    renewsAt: expiresAt.toISOString(),
    unitPrice,
    total: timesQuantity(unitPrice, quantity),
    card,
    oldUnitPrice,
  });

export const trialEndingMail = (
  { _id, productName, expiresAt }: SubscriptionDocument,
  recipient: string,
): NewMail =>
  mail('trialEnding', recipient, { subscriptionId: _id, productName, expiresAt: expiresAt.toISOString() });
