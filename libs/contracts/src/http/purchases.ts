import { OFFERS, SEATS_PER_PURCHASE, SEATS_PER_SUBSCRIPTION_MAX } from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from '../money.js';
import { termField, timeField } from './fields.js';
import { idText } from './text.js';

const purchaseQuoteSchema = z.strictObject({
  productId: idText,
  offer: z.enum(OFFERS),
  quantity: z.int().min(SEATS_PER_PURCHASE.min).max(SEATS_PER_PURCHASE.max).describe('Seats'),
  term: termField.nullish().describe('Required for a purchase; a trial has none'),
});
export type PurchaseQuoteBody = z.infer<typeof purchaseQuoteSchema>;

/** More seats of a subscription of the caller's. [OWN-2] */
const seatQuoteSchema = z.strictObject({
  subscriptionId: idText,
  total: z.int().min(1).max(SEATS_PER_SUBSCRIPTION_MAX).describe('Seats wanted in all: 105, to add 5 to 100'),
});
export type SeatQuoteBody = z.infer<typeof seatQuoteSchema>;

export const newQuoteSchema = z.union([purchaseQuoteSchema, seatQuoteSchema]);
export type NewQuoteBody = z.infer<typeof newQuoteSchema>;

/** What a purchase will cost, exactly, for 30 minutes. [BUY-2] */
export const quoteSchema = z
  .object({
    id: idText,
    productId: idText,
    offer: z.enum(OFFERS),
    quantity: z.int().describe('Seats that are paid for'),
    subscriptionId: idText.nullable().describe('The subscription to which they are added, if there is one'),
    seats: z.int().nullable().describe('Seats that it will have in all'),
    term: termField.nullable().describe('Null for a trial'),
    unitPrice: moneySchema.describe('Per seat and term'),
    total: moneySchema.describe('Before any tax'),
    renewsAt: timeField.nullable().describe('Were it bought now; a trial does not renew'),
    expiresAt: timeField.describe('End of the quote'),
  })
  .meta({ id: 'Quote' });
export type QuoteView = z.infer<typeof quoteSchema>;

export const newPurchaseSchema = z.strictObject({
  quoteId: idText,
  paymentMethodId: idText.nullish().describe('A card of the caller; none for a trial that asks for no card'),
});
export type NewPurchaseBody = z.infer<typeof newPurchaseSchema>;
