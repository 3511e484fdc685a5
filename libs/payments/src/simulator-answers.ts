import { z } from 'zod';

/** What the simulator answers, as far as it is read here. Unknown fields are let through: a provider may add some. */

export const methodAnswer = z.object({
  id: z.string().min(1),
  brand: z.string().min(1),
  last4: z.string().regex(/^\d{4}$/),
  expiresAt: z.iso.datetime(),
});

const chargeFacts = {
  id: z.string().min(1),
  idempotencyKey: z.string(),
  orderId: z.string(),
  amountMinor: z.int(),
  currency: z.string(),
  refundedMinor: z.int(),
  createdAt: z.iso.datetime(),
};

export const chargeAnswer = z.discriminatedUnion('status', [
  z.object({ ...chargeFacts, status: z.literal('succeeded') }),
  z.object({
    ...chargeFacts,
    status: z.literal('declined'),
    declineCode: z.enum(['hard', 'soft']),
    declineReason: z.enum(['card_declined', 'insufficient_funds', 'authentication_required']),
  }),
]);
export type ChargeAnswer = z.infer<typeof chargeAnswer>;

export const chargePage = z.object({ items: z.array(chargeAnswer), nextCursor: z.string().nullable() });

export const refundAnswer = z.object({
  id: z.string().min(1),
  chargeId: z.string(),
  amountMinor: z.int(),
  currency: z.string(),
});

export const errorAnswer = z.object({ error: z.object({ code: z.string() }) });
