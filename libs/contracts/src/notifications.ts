import { TERMS } from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from './money.js';

/** What admins are told of a purchase. [ADM-8] */
const purchase = z.strictObject({
  subscriptionId: z.string(),
  productName: z.string(),
  purchaserName: z.string(),
  purchaserEmail: z.string(),
  isTrial: z.boolean(),
  quantity: z.int(),
  total: moneySchema,
});

/**
 * What each e-mail template is given, beside its recipient's name and locale and the links made when it is sent. [MSG-1]
 * Ids, names, counts and money only: never a card number, token or address.
 */
export const NOTIFICATION_PARAMS = {
  receipt: z.strictObject({
    orderId: z.string(),
    invoiceId: z.string().nullable(),
    subscriptionId: z.string(),
    productName: z.string(),
    trainingUrl: z.string(),
    isTrial: z.boolean(),
    quantity: z.int(),
    term: z.enum(TERMS).nullable(),
    unitPrice: moneySchema,
    total: moneySchema,
    card: z.strictObject({ brand: z.string(), last4: z.string() }).nullable(),
    renewsAt: z.iso.datetime().nullable(),
    expiresAt: z.iso.datetime(),
  }),
  purchaseAlert: purchase,
  purchaseDigest: z.strictObject({
    on: z.iso.date().describe('The UTC day'),
    purchases: z.array(purchase).max(50).describe('The first of the day'),
    purchaseCount: z.int(),
    totals: z.array(moneySchema).describe('Of all of them, by currency'),
  }),
  cardDeclined: z.strictObject({
    orderId: z.string(),
    productName: z.string(),
    quantity: z.int(),
    total: moneySchema,
    reason: z.string().describe('error code of the decline, such as insufficient_funds'),
    renewal: z
      .strictObject({
        invoiceId: z.string(),
        subscriptionId: z.string(),
        tryAgainAt: z.iso.datetime().nullable().describe('Null if nobody will try by himself'),
      })
      .nullable()
      .describe('Of a renewal: the bill that can be paid with another card. Null for a purchase'),
  }),
  renewalReminder: z.strictObject({
    subscriptionId: z.string(),
    productName: z.string(),
    quantity: z.int(),
    term: z.enum(TERMS),
    renewsAt: z.iso.datetime(),
    unitPrice: moneySchema.describe('Per seat and term, from the renewal on'),
    total: moneySchema,
    card: z.strictObject({ brand: z.string(), last4: z.string() }).nullable(),
    oldUnitPrice: moneySchema.nullable().describe('Where the price rises'),
  }),
  trialEnding: z.strictObject({
    subscriptionId: z.string(),
    productName: z.string(),
    expiresAt: z.iso.datetime(),
  }),
  seatsChanged: z.strictObject({
    subscriptionId: z.string(),
    productName: z.string(),
    before: z.int(),
    after: z.int(),
    effectiveAt: z.iso.datetime().nullable().describe('Null: at once'),
    charged: moneySchema.nullable(),
    refunded: moneySchema.nullable().describe('What is given back to the card'),
    invoiceId: z.string().nullable(),
  }),
  purchaserLeft: z.strictObject({
    purchaserName: z.string(),
    purchaserEmail: z.string(),
    subscriptions: z
      .array(z.strictObject({ id: z.string(), productName: z.string(), seats: z.int() }))
      .max(50),
    subscriptionCount: z.int(),
    isDisabled: z.boolean().optional().describe('The account is disabled, not deleted'),
  }),
  licenseAssigned: z.strictObject({
    subscriptionId: z.string(),
    productName: z.string(),
    trainingUrl: z.string(),
    assignedByName: z.string(),
  }),
  canceled: z.strictObject({
    subscriptionId: z.string(),
    productName: z.string(),
    cause: z.enum(['canceledByAdmin', 'canceledByPurchaser', 'canceledBySupport', 'moved', 'unpaid']),
    seats: z.int(),
    refunded: moneySchema.nullable(),
  }),
  accessRemoved: z.strictObject({ subscriptionId: z.string(), productName: z.string() }),
  moveCompleted: z.strictObject({
    operationId: z.string(),
    productName: z.string(),
    targetProductName: z.string(),
    moved: z.int(),
    alreadyLicensed: z.int(),
    skipped: z.int(),
    failed: z.int(),
    refunded: moneySchema.nullable(),
  }),
  pleaseCancel: z.strictObject({
    subscriptionId: z.string(),
    productName: z.string(),
    seats: z.int(),
    assigned: z.int(),
    adminName: z.string(),
    message: z.string().nullable().describe("The admin's own words, several lines of plain text"),
  }),
} as const;

export type NotificationTemplate = keyof typeof NOTIFICATION_PARAMS;
export type NotificationParams<T extends NotificationTemplate> = z.infer<(typeof NOTIFICATION_PARAMS)[T]>;
