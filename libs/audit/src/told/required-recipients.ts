import type { NotificationTemplate } from '@commissary/contracts';
import type { EventDocument, OperationDocument, SubscriptionDocument } from '@commissary/store';

/** What is known of the events' subjects. */
export interface Teller {
  subscriptions: ReadonlyMap<string, Pick<SubscriptionDocument, 'origin' | 'purchaserId'>>;
  operations: ReadonlyMap<string, Pick<OperationDocument, 'requestedBy'>>;
}

type Named = ReadonlyMap<string, readonly string[]>;

/** Whom an event says it tells, by template; null if that cannot be read. */
export const recipientsOf = ({ recipients = {} }: Record<string, unknown>): Named | null => {
  if (typeof recipients !== 'object' || recipients === null) return null;
  const entries = Object.entries(recipients as Record<string, unknown>);
  const readable = entries.every(
    ([, users]) => Array.isArray(users) && users.every((id) => typeof id === 'string'),
  );
  return readable ? new Map(entries as [string, string[]][]) : null;
};

/** Why an event of its type does not name everybody it has to tell. [MSG-1] */
export const requiredRecipients = (
  event: Pick<EventDocument, 'type' | 'subjectId' | 'operationId'>,
  named: Named,
  { subscriptions, operations }: Teller,
): string[] => {
  switch (event.type) {
    case 'purchase.completed':
      return [
        ...exactlyOne(named, 'receipt'),
        ...(named.has('purchaseAlert') ? [] : ['names no purchaseAlert']),
      ];
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
      return named.has('accessRemoved') ? [] : ['names no accessRemoved'];
    default:
      return [];
  }
};

const exactlyOne = (named: Named, template: NotificationTemplate): string[] => {
  const count = named.get(template)?.length ?? 0;
  return count === 1 ? [] : [`names ${count} for ${template}`];
};

const names = (named: Named, template: NotificationTemplate, userId: string): string[] =>
  named.get(template)?.includes(userId) ? [] : [`does not name ${userId} for ${template}`];
