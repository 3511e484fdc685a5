import { CANCEL_REASONS, OUTCOME_REASONS } from '@commissary/domain';
import { z } from 'zod';
import { moneySchema } from '../money.js';
import { timeField } from './fields.js';
import { purchaserField } from './products.js';
import { blockOfText, idText, lineOfText } from './text.js';

export const moveSchema = z.strictObject({
  targetSubscriptionId: idText.describe('Where the users go: another subscription of the tenant, active'),
});
export type MoveBody = z.infer<typeof moveSchema>;

/** The answer of the dry run. [MOV-7] */
export const movePreviewSchema = z
  .object({
    total: z.int().describe('Users of the source'),
    toMove: z.int(),
    alreadyLicensed: z.int().describe("Users who hold the target's product already and take no seat"),
    skipped: z.array(z.object({ reason: z.enum(OUTCOME_REASONS), count: z.int() })),
    seatsNeeded: z.int(),
    seatsFree: z.int(),
    shortfall: z.int(),
    refund: moneySchema
      .nullable()
      .describe('What the purchaser would be given back; null if it was never charged'),
    priceDifferencePerMonth: moneySchema
      .nullable()
      .describe('Negative if the target is cheaper; null across currencies'),
  })
  .meta({ id: 'MovePreview' });
export type MovePreviewView = z.infer<typeof movePreviewSchema>;

export const cancellationSchema = z.strictObject({
  reason: z.enum(CANCEL_REASONS).nullish().describe('Required of admins and support'),
  comment: blockOfText(2_000).nullish(),
  requestedBy: lineOfText(320)
    .nullish()
    .describe('Support only: user id or e-mail of the admin who asked for it'),
});
export type CancellationBody = z.infer<typeof cancellationSchema>;

/** What an admin writes to the purchaser, as plain text. [ADM-6] */
export const cancellationRequestSchema = z.strictObject({
  message: blockOfText(2_000).nullish().describe('Plain text, shown to the purchaser as it is'),
});
export type CancellationRequestBody = z.infer<typeof cancellationRequestSchema>;

/** The purchaser is asked by e-mail; nothing of the subscription has changed. [ADM-6] */
export const cancellationRequestedSchema = z
  .object({
    subscriptionId: idText,
    purchaser: purchaserField.describe('Who is asked'),
    message: z.string().nullable(),
    requestedAt: timeField,
  })
  .meta({ id: 'CancellationRequested' });
export type CancellationRequestedView = z.infer<typeof cancellationRequestedSchema>;
