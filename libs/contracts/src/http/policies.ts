import { POLICY_ID, POLICY_VALUES } from '@commissary/domain';
import { z } from 'zod';
import { listOf, PAGE_QUERY } from './list.js';
import { idText } from './text.js';

/** Field names follow the MSCommerce PowerShell module, so that its users' scripts port over. [POL-1, POL-3] */
export const policySchema = z
  .object({
    policyId: z.literal(POLICY_ID),
    description: z.string(),
    defaultValue: z.enum(POLICY_VALUES).describe('Value of the products that have none of their own'),
  })
  .meta({ id: 'Policy' });
export type PolicyView = z.infer<typeof policySchema>;
export const policyListSchema = listOf(policySchema);

export const policyProductSchema = z
  .object({
    policyId: z.literal(POLICY_ID),
    productId: idText,
    productName: z.string(),
    policyValue: z.enum(POLICY_VALUES),
  })
  .meta({ id: 'PolicyProduct' });
export type PolicyProductView = z.infer<typeof policyProductSchema>;
export const policyProductListSchema = listOf(policyProductSchema);

export const policyValueSchema = z.strictObject({ policyValue: z.enum(POLICY_VALUES) });
export type PolicyValueBody = z.infer<typeof policyValueSchema>;

export const policyProductListQuery = z.strictObject(PAGE_QUERY);
export type PolicyProductListQuery = z.infer<typeof policyProductListQuery>;
