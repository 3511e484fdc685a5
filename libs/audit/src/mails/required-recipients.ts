import type { NotificationTemplate } from '@commissary/contracts';
import type { EventDocument, OperationDocument, SubscriptionDocument, UserDocument } from '@commissary/store';

/** What is known of the events' subjects. */
export interface KnownSubjects {
  subscriptions: ReadonlyMap<string, Pick<SubscriptionDocument, 'origin' | 'purchaserId'>>;
  operations: ReadonlyMap<string, Pick<OperationDocument, 'requestedBy'>>;
  /** The subscriptions' purchasers. */
  purchasers: ReadonlyMap<string, Pick<UserDocument, 'state'>>;
}

/** Events whose subject is a subscription that decides who gets their mails. */
export const ABOUT_SUBSCRIPTIONS: ReadonlySet<string> = new Set([
  'subscription.canceled',
  'subscription.renewed',
  'renewal.failed',
  'renewal.reminded',
  'renewal.priceRise',
  'trial.ending',
  'seats.changed',
  'cancellation.requested',
]);

type Named = ReadonlyMap<string, readonly string[]>;

/** The recipients that an event names, by template; null if they cannot be read. */
export const recipientsOf = ({ recipients = {} }: Record<string, unknown>): Named | null => {
  if (typeof recipients !== 'object' || recipients === null) return null;
  const entries = Object.entries(recipients as Record<string, unknown>);
  const readable = entries.every(
    ([, users]) => Array.isArray(users) && users.every((id) => typeof id === 'string'),
  );
  return readable ? new Map(entries as [string, string[]][]) : null;
};

export type RecordedEvent = Pick<EventDocument, 'type' | 'subjectId' | 'operationId' | 'data'>;

/** What is wrong with the recipients that an event names, by the rules of its type. [MSG-1] */
export const requiredRecipients = (event: RecordedEvent, named: Named, known: KnownSubjects): string[] => {
  const { subscriptions, operations } = known;
  switch (event.type) {
    case 'purchase.completed':
      return [...exactlyOne(named, 'receipt'), ...somebody(named, 'purchaseAlert')];
    case 'purchase.declined':
      return exactlyOne(named, 'cardDeclined');
    case 'subscription.canceled': {
      const subscription = subscriptions.get(event.subjectId);
      const purchaser = subscription?.origin === 'selfService' ? subscription.purchaserId : null;
      return purchaser === null ? [] : names(named, 'canceled', purchaser);
    }
    case 'move.completed': {
      const requester = operations.get(event.operationId ?? '')?.requestedBy.userId;
      return requester === undefined
        ? exactlyOne(named, 'moveCompleted')
        : names(named, 'moveCompleted', requester);
    }
    case 'access.removed':
      return somebody(named, 'accessRemoved');
    case 'subscription.renewed':
      return owner(event, named, 'receipt', known);
    case 'renewal.failed':
      return owner(event, named, 'cardDeclined', known);
    case 'renewal.reminded':
    case 'renewal.priceRise':
      return owner(event, named, 'renewalReminder', known);
    case 'trial.ending':
      return owner(event, named, 'trialEnding', known);
    case 'seats.changed':
      return [
        ...owner(event, named, 'seatsChanged', known),
        ...(boughtSeats(event.data) ? somebody(named, 'purchaseAlert') : []),
      ];
    case 'cancellation.requested':
      return owner(event, named, 'pleaseCancel', known);
    case 'purchases.digested':
      return somebody(named, 'purchaseDigest');
    case 'purchaser.left':
      return somebody(named, 'purchaserLeft');
    default:
      return [];
  }
};

/** The event names recipients of the template; the list may be empty, for a tenant may have no admin. */
const somebody = (named: Named, template: NotificationTemplate): string[] =>
  named.has(template) ? [] : [`names no ${template}`];

/** The purchaser; once that one has left, whoever is there instead. A contract has none. [SUB-2] */
const owner = (
  { subjectId }: RecordedEvent,
  named: Named,
  template: NotificationTemplate,
  { subscriptions, purchasers }: KnownSubjects,
): string[] => {
  const purchaserId = subscriptions.get(subjectId)?.purchaserId ?? null;
  const hasLeft = purchaserId === null || purchasers.get(purchaserId)?.state === 'deleted';
  return hasLeft ? somebody(named, template) : names(named, template, purchaserId);
};

const boughtSeats = ({ before, after, effective }: EventDocument['data']): boolean =>
  typeof before === 'number' && typeof after === 'number' && after > before && effective === 'now';

const exactlyOne = (named: Named, template: NotificationTemplate): string[] => {
  const count = named.get(template)?.length ?? 0;
  return count === 1 ? [] : [`names ${count} for ${template}`];
};

const names = (named: Named, template: NotificationTemplate, userId: string): string[] =>
  named.get(template)?.includes(userId) ? [] : [`does not name ${userId} for ${template}`];
