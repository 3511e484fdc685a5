import { DELEGATION_SCOPES } from '@commissary/domain';
import { z } from 'zod';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText } from './text.js';

/** A tenant that delegated to the caller's own. [ADM-7] */
export const partnerTenantSchema = z
  .object({
    tenantId: idText,
    domain: z.string().describe('For the header `Commissary-Tenant`'),
    displayName: z.string(),
    scopes: z.array(z.enum(DELEGATION_SCOPES)),
    endsAt: timeField.describe('From then on it answers `tenant_not_delegated`'),
  })
  .meta({ id: 'PartnerTenant' });
export type PartnerTenantView = z.infer<typeof partnerTenantSchema>;
export const partnerTenantListSchema = listOf(partnerTenantSchema);

export const partnerTenantsQuery = z.strictObject(PAGE_QUERY);
export type PartnerTenantsQuery = z.infer<typeof partnerTenantsQuery>;
