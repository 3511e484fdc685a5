import type { Database, LicenseDocument } from '@commissary/store';
import type { SeatEntry } from './seat-history.js';
import { type FactsOf, isAboutSeats } from './seat-rules.js';
import { type Explanation, seatsText } from './seat-search.js';
import { collectionsOf } from '../../support/driver.js';

/** One person whose seats cannot be explained. */
export interface Unexplained {
  userId: string;
  /** The state of the account, as it was answered last. */
  person: string;
  entries: readonly SeatEntry[];
  held: readonly LicenseDocument[];
  explanation: Explanation;
  factsOf: FactsOf;
}

/**
 * Everything a reader needs to judge the case without the database: each request about the person in the order of time, with its
 * answer and what was concluded from it; what the database holds; and what the audit trail says about the person.
 */
export const evidenceOf = async (database: Database, unexplained: Unexplained): Promise<string[]> => [
  `account: ${unexplained.person}`,
  'asked and answered, in the order of the requests:',
  ...historyOf(unexplained).map((line) => `  ${line}`),
  `concluded: ${conclusionOf(unexplained.explanation)}`,
  'the database holds:',
  ...(await holdingsOf(database, unexplained)).map((line) => `  ${line}`),
  'the audit trail has:',
  ...(await auditedOf(database, unexplained)).map((line) => `  ${line}`),
  'the subscriptions are:',
  ...subscriptionsOf(unexplained).map((line) => `  ${line}`),
];

const timeText = (ms: number): string =>
  Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 23) : 'never answered';

export const historyOf = ({
  entries,
  explanation,
}: Pick<Unexplained, 'entries' | 'explanation'>): string[] => {
  const places = new Map(explanation.order.map((step, at) => [step.entry, { ...step, place: at + 1 }]));
  return [...entries]
    .sort((a, b) => a.askedAt - b.askedAt)
    .map((entry) => {
      const { answer, operationId, askedAt, answeredAt } = entry;
      const placed = places.get(entry);
      const concluded = placed
        ? `step ${placed.place}, after which the person holds ${seatsText(placed.seats)}`
        : isAboutSeats(entry)
          ? answer === null
            ? 'not needed: nobody was told whether it was done'
            : 'has no place after the steps that were found'
          : 'says nothing about seats';
      return [
        `${timeText(askedAt)} to ${timeText(answeredAt)}`,
        `${workText(entry)}: ${answer ?? 'nobody was told'}${operationId === null ? '' : ` (${operationId})`}`,
        concluded,
      ].join(' | ');
    });
};

const workText = ({ work }: SeatEntry): string => {
  if (work.kind === 'move') return `move of ${work.subscriptionId} to ${work.targetId}`;
  return 'subscriptionId' in work ? `${work.kind} of ${work.subscriptionId}` : work.kind;
};

const conclusionOf = ({ verdict, order, ends }: Explanation): string => {
  if (verdict === 'explained') return 'the steps above fit all answers and lead to the seats that are held';
  if (verdict === 'undecided') return 'there are too many orders to try them all';
  if (verdict === 'otherSeats') return `every order that fits all answers leads to: ${ends.join(', or ')}`;
  return `no order fits all answers; the longest that fits has ${order.length} steps`;
};

const holdingsOf = async (database: Database, { held }: Unexplained): Promise<string[]> => {
  const ids = held.map(({ subscriptionId }) => subscriptionId);
  const found = await collectionsOf(database)
    .subscriptions.find({ _id: { $in: ids } })
    .toArray();
  const statuses = new Map(
    found.map(({ _id, status, operationId }) => [_id, `${status}, ${operationId ?? 'no operation'}`]),
  );
  const lines = held.map(
    ({ _id, subscriptionId, productId, assignedAt, assignedBy }) =>
      `${_id}: a seat of ${subscriptionId} (${statuses.get(subscriptionId) ?? 'not there'}), product ${productId}, assigned ${assignedAt.toISOString()} by ${assignedBy}`,
  );
  return lines.length > 0 ? lines : ['no seat'];
};

const auditedOf = async (database: Database, { userId, entries }: Unexplained): Promise<string[]> => {
  const subjects = new Set([userId, ...entries.flatMap(({ work }) => subscriptionsNamedBy(work))]);
  const rows = await collectionsOf(database)
    .audit.find({ 'subject.id': { $in: [...subjects] } })
    .sort({ at: 1 })
    .toArray();
  const about = rows.filter(
    ({ after, before, subject }) => subject.id === userId || JSON.stringify([before, after]).includes(userId),
  );
  const lines = about.map(
    ({ action, at, requestId, subject, after }) =>
      `${at.toISOString().slice(11, 23)} ${action} of ${subject.id}, request ${requestId}: ${JSON.stringify(after)}`,
  );
  return lines.length > 0 ? lines : ['nothing'];
};

const subscriptionsNamedBy = (work: SeatEntry['work']): string[] => {
  if (!('subscriptionId' in work)) return [];
  return work.kind === 'move' ? [work.subscriptionId, work.targetId] : [work.subscriptionId];
};

const subscriptionsOf = ({ entries, held, factsOf }: Unexplained): string[] => {
  const ids = new Set([
    ...entries.flatMap(({ work }) => subscriptionsNamedBy(work)),
    ...held.map(({ subscriptionId }) => subscriptionId),
  ]);
  return [...ids].map((id) => {
    const facts = factsOf(id);
    if (!facts) return `${id}: not there`;
    return `${id}: ${facts.origin}, product ${facts.productId}${facts.isTrial ? ', a trial' : ''}`;
  });
};
