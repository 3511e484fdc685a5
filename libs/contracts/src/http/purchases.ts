import { OFFERS, SEATS_PER_PURCHASE } from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from '../money.js';
import { termField, timeField } from './fields.js';
import { idText } from './text.js';

export const newQuoteSchema = z.strictObject({
  productId: idText,
  offer: z.enum(OFFERS),
  quantity: z.int().min(SEATS_PER_PURCHASE.min).max(SEATS_PER_PURCHASE.max).describe('Seats'),
  term: termField.nullish().describe('Required for a purchase; a trial has none'),
});
export type NewQuoteBody = z.infer<typeof newQuoteSchema>;

/** What a purchase will cost, exactly, for 30 minutes. [BUY-2] */
export const quoteSchema = z
  .object({
    id: idText,
    productId: idText,
    offer: z.enum(OFFERS),
    quantity: z.int().describe('Seats'),
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
