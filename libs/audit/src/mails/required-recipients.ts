import {
  type EventTemplate,
  type EventType,
  isEventType,
  type NotificationTemplate,
} from '@commissary/contracts';
import type { EventDocument, OperationDocument, SubscriptionDocument, UserDocument } from '@commissary/store';

/** What the audit has read about the subjects of a batch of events. */
export interface KnownSubjects {
  subscriptions: ReadonlyMap<string, Pick<SubscriptionDocument, 'origin' | 'purchaserId'>>;
  operations: ReadonlyMap<string, Pick<OperationDocument, 'requestedBy'>>;
  /** The subscriptions' purchasers. */
  purchasers: ReadonlyMap<string, Pick<UserDocument, 'state'>>;
}

/** The recipients that an event names, by template. */
type Named = ReadonlyMap<string, readonly string[]>;

export type RecordedEvent = Pick<EventDocument, 'type' | 'subjectId' | 'operationId' | 'data'>;

type Reads = 'subscription' | 'operation' | null;

/** Who must be among an event's recipients of one template. */
interface Rule {
  /** The document that the rule has to know, beside the event itself. */
  reads: Reads;
  /** What is wrong with the recipients; empty where they are right. */
  faults: (
    event: RecordedEvent,
    template: NotificationTemplate,
    named: Named,
    known: KnownSubjects,
  ) => string[];
}

/** The list of recipients must be there; it may be empty, for a tenant may have no admin. */
const listed: Rule = {
  reads: null,
  faults: (_event, template, named) => (named.has(template) ? [] : [`names no ${template}`]),
};

/** Nobody need be named. */
const optional: Rule = { reads: null, faults: () => [] };

const exactlyOne: Rule = {
  reads: null,
  faults: (_event, template, named) => {
    const count = named.get(template)?.length ?? 0;
    return count === 1 ? [] : [`names ${count} for ${template}`];
  },
};

/** The subscription's purchaser; the list alone once that one has left, and for a contract, which has none. [SUB-2] */
const owner: Rule = {
  reads: 'subscription',
  faults: (event, template, named, known) => {
    const purchaserId = known.subscriptions.get(event.subjectId)?.purchaserId ?? null;
    const hasLeft = purchaserId === null || known.purchasers.get(purchaserId)?.state === 'deleted';
    return hasLeft ? listed.faults(event, template, named, known) : naming(named, template, purchaserId);
  },
};

/** The purchaser of a self-service subscription, also one who has left; nobody for a contract. [MOV-5, CAN-2] */
const purchaser: Rule = {
  reads: 'subscription',
  faults: ({ subjectId }, template, named, { subscriptions }) => {
    const subscription = subscriptions.get(subjectId);
    if (subscription?.origin !== 'selfService' || subscription.purchaserId === null) return [];
    return naming(named, template, subscription.purchaserId);
  },
};

/** Whoever asked for the operation. [MOV-5] */
const requester: Rule = {
  reads: 'operation',
  faults: (event, template, named, known) => {
    const userId = known.operations.get(event.operationId ?? '')?.requestedBy.userId;
    return userId === undefined
      ? exactlyOne.faults(event, template, named, known)
      : naming(named, template, userId);
  },
};

/** The admins' list, where seats were bought at once. [ADM-8] */
const listedIfBought: Rule = {
  reads: null,
  faults: (event, template, named, known) => {
    const { before, after, effective } = event.data as Record<string, unknown>;
    const isBought =
      typeof before === 'number' && typeof after === 'number' && after > before && effective === 'now';
    return isBought ? listed.faults(event, template, named, known) : [];
  },
};

/** Of each event, who must get a mail of each template that it may owe: a template without a rule does not compile. [MSG-1] */
const RULES: { [T in EventType]: Record<EventTemplate<T>, Rule> } = {
  'purchase.completed': { receipt: exactlyOne, purchaseAlert: listed },
  'purchase.declined': { cardDeclined: exactlyOne },
  'purchases.digested': { purchaseDigest: listed },
  'seats.changed': { seatsChanged: owner, purchaseAlert: listedIfBought },
  'subscription.created': {},
  'subscription.changed': {},
  'subscription.renewed': { receipt: owner },
  'subscription.renewalTurnedOff': {},
  'subscription.expired': {},
  'subscription.disabled': {},
  'subscription.canceled': { canceled: purchaser },
  'renewal.priceRise': { renewalReminder: owner },
  'renewal.reminded': { renewalReminder: owner },
  'renewal.failed': { cardDeclined: owner },
  'trial.ending': { trialEnding: owner },
  'move.completed': { moveCompleted: requester },
  'move.failed': {},
  'access.removed': { accessRemoved: listed },
  'cancellation.requested': { pleaseCancel: owner },
  // Whoever gives the license to themselves gets no mail about it.
  'license.assigned': { licenseAssigned: optional },
  'license.removed': {},
  'policy.changed': {},
  'purchaser.left': { purchaserLeft: listed },
  'user.created': {},
  'user.enabled': {},
  'user.disabled': {},
  'user.deleted': {},
};

/** An event of a type that this version does not know owes nobody a mail. */
const rulesOf = (type: string): [NotificationTemplate, Rule][] =>
  isEventType(type) ? (Object.entries(RULES[type]) as [NotificationTemplate, Rule][]) : [];

/** Whether the rules of the event's type need that document. */
export const readsOf = ({ type }: Pick<RecordedEvent, 'type'>, document: NonNullable<Reads>): boolean =>
  rulesOf(type).some(([, { reads }]) => reads === document);

/** The recipients that an event names, by template; null if they cannot be read. */
export const recipientsOf = (data: object): Named | null => {
  const { recipients = {} } = data as { recipients?: unknown };
  if (typeof recipients !== 'object' || recipients === null) return null;
  const entries = Object.entries(recipients as Record<string, unknown>);
  const readable = entries.every(
    ([, users]) => Array.isArray(users) && users.every((id) => typeof id === 'string'),
  );
  return readable ? new Map(entries as [string, string[]][]) : null;
};

/** What is wrong with the recipients that an event names, by the rules of its type. [MSG-1] */
export const requiredRecipients = (event: RecordedEvent, named: Named, known: KnownSubjects): string[] =>
  rulesOf(event.type).flatMap(([template, rule]) => rule.faults(event, template, named, known));

const naming = (named: Named, template: NotificationTemplate, userId: string): string[] =>
  named.get(template)?.includes(userId) ? [] : [`does not name ${userId} for ${template}`];
