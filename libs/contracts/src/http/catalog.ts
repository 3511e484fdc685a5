import { ELIGIBILITY_REASONS, OFFERS } from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from '../money.js';
import { termField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText } from './text.js';

const catalogOfferSchema = z.object({
  offer: z.enum(OFFERS),
  eligible: z.boolean().describe('Whether the caller may have this offer now'),
  reasons: z
    .array(z.enum(ELIGIBILITY_REASONS))
    .describe('Everything that speaks against it, in a fixed order'),
  prices: z
    .array(z.object({ term: termField, unitPrice: moneySchema }))
    .describe("Per seat and term, in the market of the tenant's billing country"),
  trial: z
    .object({ days: z.int(), seats: z.int(), cardless: z.boolean().describe('Asks for no card') })
    .optional(),
});

/** A product and what the caller may have of it. [ELG-5, BUY-7, BUY-8] */
export const catalogItemSchema = z
  .object({
    productId: idText,
    productName: z.string(),
    offers: z.array(catalogOfferSchema),
    alreadyLicensed: z.boolean().describe('The caller holds a license of it, whoever bought it'),
  })
  .meta({ id: 'CatalogItem' });
export type CatalogItemView = z.infer<typeof catalogItemSchema>;
export const catalogSchema = listOf(catalogItemSchema);

export const catalogQuery = z.strictObject(PAGE_QUERY);
export type CatalogQuery = z.infer<typeof catalogQuery>;
