import type { Product, TenantType } from '@commissary/domain';

export type ProductDocument = Omit<Product, 'productId'> & { _id: string };

export interface MarketDocument {
  /** ISO 3166-1 alpha-2. */
  _id: string;
  name: string;
}

/** Dated rule of who may buy: data, not code. [ELG-2, ELG-6] */
export interface EligibilityRuleDocument {
  _id: string;
  tenantType: TenantType;
  eligible: boolean;
  from: string;
  until?: string;
}
