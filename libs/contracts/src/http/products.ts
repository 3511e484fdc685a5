import { ORIGINS, SUBSCRIPTION_STATUSES } from '@commissary/domain';
import { z } from 'zod';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText } from './text.js';

/** Who bought, for admins; of a purchaser who has left too. */
export const purchaserField = z.object({ userId: idText, displayName: z.string(), email: z.string() });

export const seatCountsField = z
  .object({ purchased: z.int(), assigned: z.int(), reserved: z.int(), free: z.int() })
  .describe('purchased = assigned + reserved + free');

/** All licenses of one product. [ADM-2] */
export const productSeatsSchema = z
  .object({
    productId: idText,
    productName: z.string(),
    availableQuantity: z.int().describe('All seats purchased, summed over its living subscriptions'),
    assigned: z.int(),
    reserved: z.int().describe('Promised to moves that are under way'),
    free: z.int(),
    subscriptions: z.int().describe('How many living ones: active, expired or disabled'),
    purchasers: z.string().describe('URL of who bought them'),
  })
  .meta({ id: 'ProductSeats' });
export type ProductSeatsView = z.infer<typeof productSeatsSchema>;
export const productSeatsListSchema = listOf(productSeatsSchema);

const originFilter = z.enum(ORIGINS).optional().describe('Both unless given');

/** Of products, and of a product's purchasers. */
export const productSeatsQuery = z.strictObject({ origin: originFilter, ...PAGE_QUERY });
export type ProductSeatsQuery = z.infer<typeof productSeatsQuery>;

/** What one purchaser has of a product, and who uses it. [ADM-2] */
export const productPurchaserSchema = z
  .object({
    purchaser: purchaserField.nullable().describe('Null: of central subscriptions'),
    seats: seatCountsField,
    subscriptionCount: z.int(),
    subscriptions: z
      .array(
        z.object({
          id: idText,
          origin: z.enum(ORIGINS),
          status: z.enum(SUBSCRIPTION_STATUSES),
          isTrial: z.boolean(),
          seats: seatCountsField,
          expiresAt: timeField,
        }),
      )
      .describe('The first 20 of them, oldest first; all: `/v1/subscriptions?productId=&purchaser=`'),
    users: z.object({
      count: z.int().describe('Users licensed by them'),
      list: z.string().describe('URL of their list'),
    }),
  })
  .meta({ id: 'ProductPurchaser' });
export type ProductPurchaserView = z.infer<typeof productPurchaserSchema>;
export const productPurchaserListSchema = listOf(productPurchaserSchema);

/** Instead of a purchaser's id: what was bought centrally, by nobody in person. */
export const NO_PURCHASER = 'central';
