import { TERMS } from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from './money.js';

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
  purchaseAlert: z.strictObject({
    subscriptionId: z.string(),
    productName: z.string(),
    purchaserName: z.string(),
    purchaserEmail: z.string(),
    isTrial: z.boolean(),
    quantity: z.int(),
    total: moneySchema,
  }),
  cardDeclined: z.strictObject({
    orderId: z.string(),
    productName: z.string(),
    quantity: z.int(),
    total: moneySchema,
    reason: z.string().describe('error code of the decline, such as insufficient_funds'),
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
    cause: z.enum(['canceledByAdmin', 'canceledByPurchaser', 'canceledBySupport', 'moved']),
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
} as const;

export type NotificationTemplate = keyof typeof NOTIFICATION_PARAMS;
export type NotificationParams<T extends NotificationTemplate> = z.infer<(typeof NOTIFICATION_PARAMS)[T]>;
