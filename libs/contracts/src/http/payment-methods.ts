import { z } from 'zod';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText, lineOfText } from './text.js';

/**
 * A card, by the provider's token for it. `type` may say what it is; anything but `card` is refused by name, whatever
 * else it brings along, so that whoever tries another method is told why. [BUY-3]
 */
export const newPaymentMethodSchema = z
  .looseObject({
    type: lineOfText(100).default('card').describe('Only `card` exists'),
    token: z.string().min(1).max(255).optional().describe("The payment provider's token for the card"),
  })
  .superRefine((body, context) => {
    if (body.type !== 'card') return;
    if (body.token === undefined) {
      context.addIssue({ code: 'invalid_type', expected: 'string', input: undefined, path: ['token'] });
    }
    const keys = Object.keys(body).filter((key) => key !== 'type' && key !== 'token');
    if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys, input: body });
  });
export type NewPaymentMethodBody = z.infer<typeof newPaymentMethodSchema>;

export const paymentMethodSchema = z
  .object({
    id: idText,
    brand: z.string(),
    last4: z.string(),
    expiresAt: timeField.describe("End of the card's last month"),
  })
  .meta({ id: 'PaymentMethod' });
export type PaymentMethodView = z.infer<typeof paymentMethodSchema>;
export const paymentMethodListSchema = listOf(paymentMethodSchema);

export const paymentMethodListQuery = z.strictObject(PAGE_QUERY);
export type PaymentMethodListQuery = z.infer<typeof paymentMethodListQuery>;
