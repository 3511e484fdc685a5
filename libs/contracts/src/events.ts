import { DECLINE_CODES, POLICY_VALUES, TERMS } from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from './money.js';
import { NOTIFICATION_PARAMS, type NotificationTemplate } from './notifications.js';

const userIds = z.array(z.string()).readonly();

/** The users whom an event owes an e-mail of each template; every template must be named, be it with nobody. [MSG-1] */
const mailsOf = <T extends NotificationTemplate>(...templates: T[]) =>
  z.strictObject(
    Object.fromEntries(templates.map((template) => [template, userIds])) as Record<T, typeof userIds>,
  );

/** Present where the admins get the purchase in the digest of its day instead of a mail of its own. [ADM-8] */
const digested = z.literal(true).optional();

const policyValue = z.enum(POLICY_VALUES);
const noData = z.strictObject({});

/** Removed by a person from the list of users, or because a user was deleted. [OWN-3, DATA-1] */
const licenseRemoved = z.union([
  z.strictObject({ removed: userIds }),
  z.strictObject({ userIds, cause: z.literal('userDeleted') }),
]);

/**
 * Every event that can happen (`noun.past`), with the data that it keeps beside its subject. A new event is added here, and then
 * in the table of the mails that it owes (`libs/audit/src/mails/required-recipients.ts`), which does not compile without it. [EXT-2]
 */
export const EVENT_DATA = {
  'purchase.completed': z.strictObject({
    orderId: z.string(),
    recipients: mailsOf('receipt', 'purchaseAlert'),
    digested,
  }),
  'purchase.declined': z.strictObject({
    code: z.enum(DECLINE_CODES),
    recipients: mailsOf('cardDeclined'),
  }),
  'purchases.digested': z.strictObject({
    on: z.string().describe('The UTC day, YYYY-MM-DD'),
    purchases: z.int().describe('How many were bought that day'),
    recipients: mailsOf('purchaseDigest'),
  }),
  'seats.changed': z.strictObject({
    before: z.int(),
    after: z.int(),
    effective: z.enum(['now', 'renewal']),
    recipients: mailsOf('seatsChanged', 'purchaseAlert'),
    digested,
  }),
  'subscription.created': z.strictObject({
    origin: z.literal('central'),
    productId: z.string(),
    seats: z.int(),
    term: z.enum(TERMS).nullable(),
    unitPrice: moneySchema,
  }),
  'subscription.changed': z.strictObject({
    autoRenew: z.boolean(),
    renewsAt: z.string().nullable().describe('ISO time'),
  }),
  'subscription.renewed': z.strictObject({
    orderId: z.string(),
    total: moneySchema,
    recipients: mailsOf('receipt'),
  }),
  'subscription.renewalTurnedOff': noData,
  'subscription.expired': noData,
  'subscription.disabled': noData,
  'subscription.canceled': z.strictObject({
    cause: NOTIFICATION_PARAMS.canceled.shape.cause,
    recipients: mailsOf('canceled'),
  }),
  'renewal.priceRise': z.strictObject({
    from: moneySchema,
    to: moneySchema,
    recipients: mailsOf('renewalReminder'),
  }),
  'renewal.reminded': z.strictObject({ unitPrice: moneySchema, recipients: mailsOf('renewalReminder') }),
  'renewal.failed': z.strictObject({
    orderId: z.string(),
    code: z.enum(DECLINE_CODES),
    tryAgainAt: z.date().nullable(),
    recipients: mailsOf('cardDeclined'),
  }),
  'trial.ending': z.strictObject({ recipients: mailsOf('trialEnding') }),
  'move.completed': z.strictObject({
    moved: z.int(),
    alreadyLicensed: z.int(),
    skipped: z.int(),
    failed: z.int(),
    recipients: mailsOf('moveCompleted'),
  }),
  'move.failed': z.strictObject({ failed: z.int() }),
  'access.removed': z.strictObject({ recipients: mailsOf('accessRemoved') }),
  'cancellation.requested': z.strictObject({ recipients: mailsOf('pleaseCancel') }),
  'license.assigned': z.strictObject({
    assigned: userIds,
    switched: userIds,
    recipients: mailsOf('licenseAssigned'),
  }),
  'license.removed': licenseRemoved,
  'policy.changed': z.strictObject({
    version: z.int(),
    changes: z.array(
      z.strictObject({
        productId: z.string(),
        before: policyValue,
        after: policyValue,
        inheritedBefore: z.boolean().optional(),
        inheritedAfter: z.boolean().optional(),
      }),
    ),
    defaultChange: z.strictObject({ before: policyValue, after: policyValue }).optional(),
    revertedTo: z.int().optional().describe('The version that was set back to'),
  }),
  'purchaser.left': z.strictObject({
    subscriptionCount: z.int(),
    isDisabled: z.boolean(),
    subscriptionIds: z.array(z.string()).describe('The first of them'),
    recipients: mailsOf('purchaserLeft'),
  }),
  'user.created': noData,
  'user.enabled': noData,
  'user.disabled': noData,
  'user.deleted': z.strictObject({
    licensesLeft: z.array(z.string()).describe('Licenses that a running operation will remove'),
  }),
} as const;

export type EventType = keyof typeof EVENT_DATA;
export type EventData<T extends EventType> = z.infer<(typeof EVENT_DATA)[T]>;

/** The templates of the e-mails that an event of the type may owe; `never` where it owes none. */
export type EventTemplate<T extends EventType> =
  EventData<T> extends { recipients: infer R } ? Extract<keyof R, NotificationTemplate> : never;

/** False for a type that only another version of Commissary knows. */
export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENT_DATA, type);
