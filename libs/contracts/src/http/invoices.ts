import { z } from 'zod';
import { moneySchema } from '../money.js';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText } from './text.js';

/** A bill. [OWN-4] */
export const invoiceSchema = z
  .object({
    id: idText,
    userId: idText.describe('The purchaser, who is billed'),
    orderId: idText,
    subscriptionId: idText,
    lines: z.array(
      z.object({
        description: z.string(),
        quantity: z.int(),
        unitPrice: moneySchema,
        amount: moneySchema,
      }),
    ),
    total: moneySchema.describe('Before any tax'),
    status: z.enum(['paid']),
    issuedAt: timeField,
    paidAt: timeField,
  })
  .meta({ id: 'Invoice' });
export type InvoiceView = z.infer<typeof invoiceSchema>;
export const invoiceListSchema = listOf(invoiceSchema);

export const invoiceListQuery = z.strictObject(PAGE_QUERY);
export type InvoiceListQuery = z.infer<typeof invoiceListQuery>;
