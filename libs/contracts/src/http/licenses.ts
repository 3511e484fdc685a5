import { ASSIGN_OUTCOMES, REMOVE_OUTCOMES } from '@commissary/domain';
import { z } from 'zod';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText, lineOfText } from './text.js';

export const LICENSE_BATCH_MAX = 1_000;

/** One seat of one subscription, held by one user; of a deleted one, by whom it was held last. [CAN-2] */
export const licenseSchema = z
  .object({
    id: idText.nullable().describe('Null for who lost it by a cancellation: the license is gone'),
    userId: idText,
    email: z.string(),
    displayName: z.string(),
    productId: idText,
    productName: z.string(),
    subscriptionId: idText,
    purchaserId: idText.nullable(),
    assignedAt: timeField.nullable().describe('Null for who lost it by a cancellation'),
  })
  .meta({ id: 'License' });
export type LicenseView = z.infer<typeof licenseSchema>;
export const licenseListSchema = listOf(licenseSchema);

/** A license its holder can use now. [BUY-5] */
export const ownLicenseSchema = licenseSchema
  .extend({
    id: idText,
    assignedAt: timeField,
    trainingUrl: z.string().describe("The product's training"),
  })
  .meta({ id: 'OwnLicense' });
export type OwnLicenseView = z.infer<typeof ownLicenseSchema>;
export const ownLicenseListSchema = listOf(ownLicenseSchema);

export const licenseBatchSchema = z.strictObject({
  users: z
    .array(lineOfText(320))
    .min(1)
    .max(LICENSE_BATCH_MAX)
    .describe('User ids or e-mails; who is named twice is dealt with once'),
});
export type LicenseBatchBody = z.infer<typeof licenseBatchSchema>;

const outcomeOf = <const O extends readonly [string, ...string[]]>(outcomes: O) =>
  z.object({
    user: z.string().describe('As it was asked'),
    userId: idText.nullable(),
    outcome: z.enum(outcomes),
  });

/**
 * What became of each user, in the order of the request. [OWN-3, ADM-6]
 * Whoever's license a running operation moves is `alreadyLicensed`: they stay with it. Whoever's license it is about to take
 * away is not, and the batch is refused with `operation_in_progress` until it has ended. [MOV-6, CAN-2]
 */
export const assignmentOutcomesSchema = z
  .object({ items: z.array(outcomeOf(ASSIGN_OUTCOMES)) })
  .meta({ id: 'AssignmentOutcomes' });
export type AssignmentOutcomesView = z.infer<typeof assignmentOutcomesSchema>;

export const removalOutcomesSchema = z
  .object({ items: z.array(outcomeOf(REMOVE_OUTCOMES)) })
  .meta({ id: 'RemovalOutcomes' });
export type RemovalOutcomesView = z.infer<typeof removalOutcomesSchema>;

export const licenseListQuery = z.strictObject(PAGE_QUERY);
export type LicenseListQuery = z.infer<typeof licenseListQuery>;
