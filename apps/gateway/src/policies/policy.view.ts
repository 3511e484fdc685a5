import type {
  PolicyChangeView,
  PolicyDefaultView,
  PolicyDiffView,
  PolicyFileView,
  PolicyProductView,
  PolicyView,
} from '@commissary/contracts';
import { POLICY_ID, type Product } from '@commissary/domain';
import {
  type Catalog,
  type PolicyChangeDocument,
  type PolicyDifference,
  type PolicyState,
  policyValueOf,
} from '@commissary/store';

/** [POL-1] */
export const policyView = (policy: PolicyState): PolicyView => ({
  policyId: POLICY_ID,
  description: 'Lets the users of the organization buy products, and start trials of them, for themselves.',
  defaultValue: policy.defaultValue,
});

/** [POL-2, POL-3] */
export const policyProductView = (product: Product, policy: PolicyState): PolicyProductView => ({
  policyId: POLICY_ID,
  productId: product.productId,
  productName: product.productName,
  policyValue: policyValueOf(policy, product.productId),
});

/** [POL-5] */
export const policyDefaultView = (policy: PolicyState): PolicyDefaultView => ({
  policyId: POLICY_ID,
  policyValue: policy.defaultValue,
});

/** What is no longer sold is not in it: nobody could apply it again. [POL-6] */
export const policyFileView = (policy: PolicyState, { productById }: Catalog): PolicyFileView => ({
  policyId: POLICY_ID,
  defaultValue: policy.defaultValue,
  items: Object.keys(policy.values)
    .sort()
    .flatMap((productId) => {
      const product = productById.get(productId);
      if (!product) return [];
      const { productName } = product;
      return [{ productId, productName, policyValue: policyValueOf(policy, productId) }];
    }),
});

/** [POL-6, POL-7] */
export const policyDiffView = (
  difference: PolicyDifference | null,
  { productById }: Catalog,
): PolicyDiffView => ({
  changes: (difference?.changes ?? []).map(
    ({ productId, before, after, inheritedBefore = false, inheritedAfter = false }) => {
      const productName = productById.get(productId)?.productName ?? null;
      return { productId, productName, before, after, inheritedBefore, inheritedAfter };
    },
  ),
  defaultValue: difference?.defaultChange ?? null,
});

/** [POL-7] */
export const policyChangeView = (change: PolicyChangeDocument, catalog: Catalog): PolicyChangeView => ({
  version: change.version,
  ...policyDiffView(change, catalog),
  revertedTo: change.revertedTo ?? null,
  changedBy: { userId: change.changedBy, displayName: change.changedByName ?? change.changedBy },
  changedAt: change.at.toISOString(),
});
