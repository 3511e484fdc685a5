import {
  CHANNELS,
  ERROR_CODES,
  OFFERS,
  ORDER_KINDS,
  ORDER_STATUSES,
  ORIGINS,
  SEATS_PER_SUBSCRIPTION_MAX,
  SUBSCRIPTION_STATUSES,
  USER_STATES,
} from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from '../money.js';
import { termField, timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText, lineOfText } from './text.js';

/** Seats of one product with who bought them, what they cost and what is becoming of them. [ADM-1] */
export const subscriptionSchema = z
  .object({
    id: idText,
    productId: idText,
    productName: z.string(),
    origin: z.enum(ORIGINS),
    status: z.enum(SUBSCRIPTION_STATUSES),
    isTrial: z.boolean(),
    purchaser: z
      .object({
        userId: idText,
        displayName: z.string(),
        email: z.string(),
        state: z.enum(USER_STATES).describe('Of the account: who has left is `deleted`'),
      })
      .nullable(),
    seats: z
      .object({ purchased: z.int(), assigned: z.int(), reserved: z.int(), free: z.int() })
      .describe('purchased = assigned + reserved + free'),
    unitPrice: moneySchema.describe('Per seat and term'),
    purchasePrice: moneySchema.describe('What was paid, or recorded, for it'),
    term: termField.nullable().describe('Null for a trial'),
    startedAt: timeField,
    expiresAt: timeField,
    renewsAt: timeField.nullable(),
    autoRenew: z.boolean(),
    seatsAtRenewal: z.int().nullable().describe('Seats from the next renewal on, where these will be fewer'),
    paymentMethodId: idText.nullable().describe('The card that pays for it; shown to its purchaser alone'),
    unpaidInvoiceId: idText.nullable().describe('The open bill of its renewal'),
    operation: idText.nullable().describe('The operation that is at work on it'),
  })
  .meta({ id: 'Subscription' });
export type SubscriptionView = z.infer<typeof subscriptionSchema>;
export const subscriptionListSchema = listOf(subscriptionSchema);

export const subscriptionListQuery = z.strictObject({
  origin: z.enum(ORIGINS).optional(),
  status: z.enum(SUBSCRIPTION_STATUSES).optional(),
  productId: idText.optional(),
  purchaser: lineOfText(320).optional().describe("The purchaser's user id or e-mail"),
  q: lineOfText(200)
    .optional()
    .describe("Beginning of the product's name, or of the purchaser's name or e-mail"),
  ...PAGE_QUERY,
});
export type SubscriptionListQuery = z.infer<typeof subscriptionListQuery>;

export const newSubscriptionSchema = z.strictObject({
  productId: idText,
  quantity: z.int().min(1).max(SEATS_PER_SUBSCRIPTION_MAX).describe('Seats'),
  term: termField,
});
export type NewSubscriptionBody = z.infer<typeof newSubscriptionSchema>;

/** How many seats it shall have. [OWN-2] */
export const seatChangeSchema = z.strictObject({
  total: z.int().min(1).max(SEATS_PER_SUBSCRIPTION_MAX).describe('Seats in all'),
  quoteId: idText.nullish().describe('Of more seats that a card pays for; none for fewer'),
  effective: z.enum(['now', 'renewal']).default('now').describe('More seats are bought now'),
});
export type SeatChangeBody = z.infer<typeof seatChangeSchema>;

/** What its purchaser changes at once. [OWN-4, BUY-9] */
export const subscriptionChangeSchema = z
  .strictObject({
    autoRenew: z.boolean().optional(),
    paymentMethodId: idText.optional().describe('The card that pays for it from now on'),
  })
  .refine(({ autoRenew, paymentMethodId }) => autoRenew !== undefined || paymentMethodId !== undefined, {
    error: 'State autoRenew, paymentMethodId or both',
  });
export type SubscriptionChangeBody = z.infer<typeof subscriptionChangeSchema>;

/** One line of a subscription's order history. [ADM-1] */
export const orderSchema = z
  .object({
    id: idText,
    subscriptionId: idText,
    productId: idText,
    productName: z.string(),
    kind: z.enum(ORDER_KINDS).describe('For a new subscription, more seats or the next term'),
    channel: z.enum(CHANNELS),
    offer: z.enum(OFFERS),
    quantity: z.int().describe('Seats'),
    term: termField.nullable(),
    unitPrice: moneySchema,
    total: moneySchema,
    status: z.enum(ORDER_STATUSES),
    failure: z.enum(ERROR_CODES).nullable().describe('Why it failed'),
    operation: idText.nullable(),
    createdAt: timeField,
    settledAt: timeField.nullable(),
  })
  .meta({ id: 'Order' });
export type OrderView = z.infer<typeof orderSchema>;
export const orderListSchema = listOf(orderSchema);

export const orderListQuery = z.strictObject(PAGE_QUERY);
export type OrderListQuery = z.infer<typeof orderListQuery>;
