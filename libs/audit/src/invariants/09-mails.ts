import type { EventDocument, NotificationDocument } from '@commissary/store';
import { RETENTION } from '@commissary/store';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { inBatches, type Joined, mergeJoin } from '../reading/streams.js';
import { DigestFaults } from '../mails/digest-faults.js';
import {
  type KnownSubjects,
  readsOf,
  recipientsOf,
  requiredRecipients,
} from '../mails/required-recipients.js';

type Event = Pick<EventDocument, '_id' | 'type' | 'subjectId' | 'operationId' | 'data' | 'mailing' | 'at'>;
type Mail = Pick<NotificationDocument, '_id' | 'eventId' | 'template' | 'recipientUserId'>;

/** Mails expire after 30 days; events whose mails may be gone already are not looked at. [RET-1] */
const LOOK_BACK_MS = (RETENTION.notifications - 24 * 3600) * 1000;

export const eventsHaveTheirMails: Invariant = {
  number: 9,
  title: 'every event that owes mails has one notification per recipient and template',
  async *check(context) {
    const digests = new DigestFaults(context.snapshot, context.now);
    for await (const batch of inBatches(eventsWithMails(context))) {
      const events = batch.flatMap(({ left }) => left);
      const known = await subjectsOf(context, events);
      const recent = events.filter((event) => isRecent(event, context.now));
      for (const [id, fault] of await digests.of(recent)) yield violation(id, fault);
      for (const joined of batch) yield* faultsOf(joined, known, context.now);
    }
  },
};

const isRecent = ({ at }: Event, now: Date): boolean => now.getTime() - at.getTime() <= LOOK_BACK_MS;

const violation = (subject: string, detail: string): Violation => ({ invariant: 9, subject, detail });

const eventsWithMails = ({ snapshot }: InvariantContext): AsyncIterable<Joined<Event, Mail>> =>
  mergeJoin(
    {
      rows: snapshot.find('events', {
        fields: ['type', 'subjectId', 'operationId', 'data', 'mailing', 'at'],
        sort: { _id: 1 },
      }),
      key: (event) => event._id,
    },
    {
      rows: snapshot.find('notifications', {
        fields: ['eventId', 'template', 'recipientUserId'],
        sort: { eventId: 1 },
      }),
      key: (mail) => mail.eventId,
    },
  );

const subjectsOf = async (
  { snapshot }: InvariantContext,
  events: readonly Event[],
): Promise<KnownSubjects> => {
  const subscriptions = await snapshot.byIds(
    'subscriptions',
    events.filter((event) => readsOf(event, 'subscription')).map((event) => event.subjectId),
    ['origin', 'purchaserId'],
  );
  const operations = await snapshot.byIds(
    'operations',
    events.filter((event) => readsOf(event, 'operation')).map((event) => event.operationId),
    ['requestedBy'],
  );
  const purchaserIds = [...subscriptions.values()].map((subscription) => subscription.purchaserId);
  return { subscriptions, operations, purchasers: await snapshot.byIds('users', purchaserIds, ['state']) };
};

const faultsOf = (
  { key, left, right }: Joined<Event, Mail>,
  known: KnownSubjects,
  now: Date,
): Violation[] => {
  const [event] = left;
  if (!event) return right.map((mail) => violation(mail._id, `belongs to ${key}, which does not exist`));
  if (!isRecent(event, now)) return [];
  const named = recipientsOf(event.data);
  if (!named) return [violation(key, 'its recipients cannot be read')];
  const missing = requiredRecipients(event, named, known).map((fault) => violation(key, fault));
  return [...missing, ...mailFaults(key, withoutMailing(named, event), right)];
};

/** Of a mailing that waits for the outbox none is there yet; whom its event names is owed one all the same. [CAN-2] */
const withoutMailing = (
  named: ReadonlyMap<string, readonly string[]>,
  { mailing }: Event,
): ReadonlyMap<string, readonly string[]> =>
  new Map([...named].filter(([template]) => template !== mailing?.template));

/** Whoever the event owes a mail has exactly one, and nobody else has any. */
const mailFaults = (
  eventId: string,
  named: ReadonlyMap<string, readonly string[]>,
  mails: readonly Mail[],
): Violation[] => {
  const wanted = new Set(
    [...named].flatMap(([template, userIds]) => userIds.map((id) => `${template} to ${id}`)),
  );
  const sent = new Map<string, number>();
  for (const { template, recipientUserId } of mails) {
    const mail = `${template} to ${recipientUserId}`;
    sent.set(mail, (sent.get(mail) ?? 0) + 1);
  }
  const missing = [...wanted].filter((mail) => !sent.has(mail)).map((mail) => `has no ${mail}`);
  const extra = [...sent.keys()]
    .filter((mail) => !wanted.has(mail))
    .map((mail) => `has a ${mail}, whom it does not name`);
  const twice = [...sent]
    .filter(([, times]) => times > 1)
    .map(([mail, times]) => `has ${times} times ${mail}`);
  return [...missing, ...extra, ...twice].map((fault) => violation(eventId, fault));
};
