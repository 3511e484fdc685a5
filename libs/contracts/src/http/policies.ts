import { POLICY_ID, POLICY_VALUES } from '@commissary/domain';
import { z } from 'zod';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText } from './text.js';

const policyValue = z.enum(POLICY_VALUES);

/** Field names follow the MSCommerce PowerShell module, so that its users' scripts port over. [POL-1, POL-3] */
export const policySchema = z
  .object({
    policyId: z.literal(POLICY_ID),
    description: z.string(),
    defaultValue: policyValue.describe('Value of the products that have none of their own'),
  })
  .meta({ id: 'Policy' });
export type PolicyView = z.infer<typeof policySchema>;
export const policyListSchema = listOf(policySchema);

export const policyProductSchema = z
  .object({
    policyId: z.literal(POLICY_ID),
    productId: idText,
    productName: z.string(),
    policyValue,
  })
  .meta({ id: 'PolicyProduct' });
export type PolicyProductView = z.infer<typeof policyProductSchema>;
export const policyProductListSchema = listOf(policyProductSchema);

/** Value of the products that have none of their own, new ones among them. [POL-5] */
export const policyDefaultSchema = z
  .object({ policyId: z.literal(POLICY_ID), policyValue })
  .meta({ id: 'PolicyDefault' });
export type PolicyDefaultView = z.infer<typeof policyDefaultSchema>;

export const policyValueSchema = z.strictObject({ policyValue });
export type PolicyValueBody = z.infer<typeof policyValueSchema>;

export const policyProductListQuery = z.strictObject(PAGE_QUERY);
export type PolicyProductListQuery = z.infer<typeof policyProductListQuery>;

/** Many products at once: all of them or none. [POL-6] */
export const policyValuesSchema = z.strictObject({
  items: z
    .array(z.strictObject({ productId: idText, policyValue }))
    .min(1)
    .max(1_000),
});
export type PolicyValuesBody = z.infer<typeof policyValuesSchema>;

const productChange = z.object({
  productId: idText,
  productName: z.string().nullable().describe('Null for what is no longer sold'),
  before: policyValue.describe('Value in force before'),
  after: policyValue.describe('Value in force since'),
  inheritedBefore: z.boolean().describe('It had no value of its own before, and followed the default'),
  inheritedAfter: z.boolean().describe('It has none since, and follows the default'),
});
const policyDifference = {
  changes: z.array(productChange).describe('Products whose own value is set, changed or taken away'),
  defaultValue: z
    .object({ before: policyValue, after: policyValue })
    .nullable()
    .describe('Null where the default stays; products without a value of their own follow it'),
};

/** One version of the policy: what it changed, by whom and when. [POL-7] */
export const policyChangeSchema = z
  .object({
    version: z.int().min(1),
    ...policyDifference,
    revertedTo: z.int().nullable().describe('The version that was set back to; null for any other change'),
    changedBy: z.object({ userId: idText, displayName: z.string() }),
    changedAt: timeField,
  })
  .meta({ id: 'PolicyChange' });
export type PolicyChangeView = z.infer<typeof policyChangeSchema>;
export const policyHistorySchema = listOf(policyChangeSchema);

export const policyHistoryQuery = z.strictObject(PAGE_QUERY);
export type PolicyHistoryQuery = z.infer<typeof policyHistoryQuery>;

/** The whole policy as a file: its default, and the products with a value of their own, by id. [POL-6] */
export const policyFileSchema = z
  .object({
    policyId: z.literal(POLICY_ID),
    defaultValue: policyValue,
    items: z.array(z.object({ productId: idText, productName: z.string(), policyValue })),
  })
  .meta({ id: 'PolicyFile' });
export type PolicyFileView = z.infer<typeof policyFileSchema>;

/** A file as it is read, with or without what only serves its readers. What it does not list follows its default. */
export const policyFileBody = z.strictObject({
  policyId: z.literal(POLICY_ID).optional(),
  defaultValue: policyValue,
  items: z
    .array(
      z.strictObject({
        productId: idText,
        productName: z.string().max(500).optional().describe('For people; not read'),
        policyValue,
      }),
    )
    .max(10_000),
});
export type PolicyFileBody = z.infer<typeof policyFileBody>;

/** What applying a file would change. [POL-6] */
export const policyDiffSchema = z.object(policyDifference).meta({ id: 'PolicyDiff' });
export type PolicyDiffView = z.infer<typeof policyDiffSchema>;
