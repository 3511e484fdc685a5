import { z } from 'zod';
import { listOf, PAGE_QUERY } from './list.js';
import { purchaserField, seatCountsField } from './products.js';
import { idText } from './text.js';

export const CAPACITY_DAYS_MAX = 90;

/** Self-service seats of one product by one purchaser, now and on the days before. [ADM-4] */
export const capacitySchema = z
  .object({
    productId: idText,
    productName: z.string(),
    purchaser: purchaserField.nullable(),
    subscriptions: z.int().describe('How many living ones'),
    seats: seatCountsField.describe('Now'),
    trend: z
      .array(seatCountsField.extend({ on: z.iso.date().describe('UTC day') }).describe('Early on that day'))
      .describe(
        'One of each day that was sampled, oldest first, and now as the last. A day without one: nothing was bought yet, or it was not sampled',
      ),
  })
  .meta({ id: 'Capacity' });
export type CapacityView = z.infer<typeof capacitySchema>;
export const capacityListSchema = listOf(capacitySchema);

export const capacityQuery = z.strictObject({
  productId: idText.optional(),
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(CAPACITY_DAYS_MAX)
    .default(30)
    .describe('How far back the trend goes, days'),
  ...PAGE_QUERY,
});
export type CapacityQuery = z.infer<typeof capacityQuery>;
