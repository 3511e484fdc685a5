import { z } from 'zod';

/** What Stripe answers, as far as it is read here. Unknown fields are let through: its API grows. */

const metadata = z.record(z.string(), z.string());

export const intentAnswer = z.object({
  id: z.string().min(1),
  object: z.literal('payment_intent'),
  status: z.string(),
  amount: z.int(),
  currency: z.string(),
  metadata,
  last_payment_error: z
    .object({
      code: z.string().nullish(),
      decline_code: z.string().nullish(),
      advice_code: z.string().nullish(),
    })
    .nullish(),
});
export type IntentAnswer = z.infer<typeof intentAnswer>;

export const refundAnswer = z.object({
  id: z.string().min(1),
  object: z.literal('refund'),
  status: z.string().nullable(),
  amount: z.int(),
  currency: z.string(),
  payment_intent: z.string().nullable(),
  metadata: metadata.nullable(),
});
export type RefundAnswer = z.infer<typeof refundAnswer>;

export const customerAnswer = z.object({ id: z.string().startsWith('cus_') });

export const cardAnswer = z.object({
  id: z.string().startsWith('pm_'),
  type: z.literal('card'),
  card: z.object({
    brand: z.string().min(1),
    last4: z.string().regex(/^\d{4}$/),
    exp_month: z.int().min(1).max(12),
    exp_year: z.int().min(2000).max(9999),
  }),
});
export type CardAnswer = z.infer<typeof cardAnswer>;
