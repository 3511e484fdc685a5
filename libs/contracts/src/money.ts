import { z } from 'zod';

export const moneySchema = z.strictObject({
  amountMinor: z.int().describe('Integer minor units of the currency'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .describe('ISO 4217'),
});
