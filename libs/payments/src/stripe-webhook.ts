import Stripe from 'stripe';
import { z } from 'zod';

/** Stripe's own advice for how old a signature may be, s. */
const TOLERANCE_SECONDS = 300;

/** What was said, as far as it matters: about which charge of ours, if any. */
export interface StripeNotice {
  eventId: string;
  type: string;
  /** Key of the charge whose outcome may be known by now; null for events that nobody waits for. */
  idempotencyKey: string | null;
}

/** Events about a PaymentIntent, or about its charge, which has its metadata. */
const ABOUT_CHARGES = new Set([
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'charge.succeeded',
  'charge.failed',
  'charge.refunded',
]);

const eventSchema = z.object({ id: z.string().max(255), type: z.string().max(255) });

const aboutCharge = z.object({
  data: z.object({
    object: z.object({ metadata: z.object({ idempotencyKey: z.string().min(1).max(255) }) }),
  }),
});

/**
 * A delivery of Stripe's, or null for one that is not signed with `secret`, is older than 300 s, or is no event. `body` is what was
 * received, to the byte; `now` decides the age. Nothing in it is believed but that there is news. [EXT-6]
 */
export const readStripeNotice = (
  body: string,
  signature: string | undefined,
  secret: string,
  now: Date,
): StripeNotice | null => {
  const event = verified(body, signature, secret, now);
  const { success, data } = eventSchema.safeParse(event);
  if (!success) return null;
  const charge = ABOUT_CHARGES.has(data.type) ? aboutCharge.safeParse(event).data : undefined;
  return {
    eventId: data.id,
    type: data.type,
    idempotencyKey: charge?.data.object.metadata.idempotencyKey ?? null,
  };
};

const verified = (body: string, signature: string | undefined, secret: string, now: Date): unknown => {
  try {
    return Stripe.webhooks.constructEvent(
      body,
      signature ?? '',
      secret,
      TOLERANCE_SECONDS,
      undefined,
      now.getTime(),
    );
  } catch {
    return null;
  }
};
