import type { PolicyProductView, PolicyView } from '@commissary/contracts';
import { POLICY_ID, type Product } from '@commissary/domain';
import { type Policy, policyValueOf } from '@commissary/store';

/** [POL-1] */
export const policyView = (policy: Policy): PolicyView => ({
  policyId: POLICY_ID,
  description: 'Lets the users of the organization buy products, and start trials of them, for themselves.',
  defaultValue: policy.defaultValue,
});

/** [POL-2, POL-3] */
export const policyProductView = (product: Product, policy: Policy): PolicyProductView => ({
  policyId: POLICY_ID,
  productId: product.productId,
  productName: product.productName,
  policyValue: policyValueOf(policy, product.productId),
});
