import { INVOICE_STATUSES } from '@commissary/domain';
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
    status: z.enum(INVOICE_STATUSES).describe('open: to be paid; void: nobody has to pay it any more'),
    issuedAt: timeField,
    paidAt: timeField.nullable(),
  })
  .meta({ id: 'Invoice' });
export type InvoiceView = z.infer<typeof invoiceSchema>;
export const invoiceListSchema = listOf(invoiceSchema);

/** With which card an open bill is paid. [OWN-4] */
export const invoicePaymentSchema = z.strictObject({
  paymentMethodId: idText.describe('A card of the caller'),
});
export type InvoicePaymentBody = z.infer<typeof invoicePaymentSchema>;

export const invoiceListQuery = z.strictObject({
  status: z.enum(INVOICE_STATUSES).optional(),
  ...PAGE_QUERY,
});
export type InvoiceListQuery = z.infer<typeof invoiceListQuery>;
