import { DELEGATION_SCOPES, type DelegationScope } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { oneOf, required } from '../schema/fields.js';

export interface DelegationDocument {
  _id: string;
  tenantId: string;
  partnerTenantId: string;
  scopes: DelegationScope[];
  endsAt: Date;
}

export const delegations = defineCollection<DelegationDocument>('delegations', {
  // The tenant that delegated owns it.
  owner: 'tenant',
  retention: null,
  fields: {
    _id: required(String),
    tenantId: required(String),
    partnerTenantId: required(String),
    scopes: required([oneOf(DELEGATION_SCOPES)]),
    endsAt: required(Date),
  },
  indexes: [
    {
      key: { partnerTenantId: 1, tenantId: 1 },
      unique: true,
      serves: 'It finds what one tenant delegated to one partner. [ADM-7]',
    },
    {
      key: { partnerTenantId: 1, tenantId: -1, endsAt: 1 },
      name: 'ofPartner',
      serves: 'It lists the tenants that delegated to a partner.',
    },
  ],
});
