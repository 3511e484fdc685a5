import { DomainError, type FieldError, type PolicyValue } from '@commissary/domain';
import type { Catalog } from '@commissary/store';

export interface PolicyItem {
  productId: string;
  policyValue: PolicyValue;
}

const MAX_ERRORS = 50;

/** Values by product; throws `invalid_request` that names each item of a product that is not sold or was named before. [POL-6] */
export const valuesOf = (
  items: readonly PolicyItem[],
  { productById }: Pick<Catalog, 'productById'>,
): Map<string, PolicyValue> => {
  const values = new Map<string, PolicyValue>();
  const errors: FieldError[] = [];
  for (const [index, { productId, policyValue }] of items.entries()) {
    const pointer = `/items/${index}/productId`;
    if (!productById.has(productId)) {
      errors.push({ pointer, rule: 'known', detail: 'There is no such product' });
    } else if (values.has(productId)) {
      errors.push({ pointer, rule: 'unique', detail: 'This product is named twice' });
    }
    values.set(productId, policyValue);
  }
  const [first] = errors;
  if (!first) return values;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new DomainError('invalid_request', `${first.pointer}: ${first.detail}${more}. Nothing was changed.`, {
    errors: errors.slice(0, MAX_ERRORS),
  });
};
