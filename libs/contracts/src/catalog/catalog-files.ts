import {
  type CatalogFault,
  CatalogRefusedError,
  type Product,
  type TenantTypeRule,
} from '@commissary/domain';
import { z } from 'zod';
import {
  marketEntry,
  type MarketEntry,
  productEntry,
  refuseTwice,
  tenantTypeEntry,
  webAddress,
} from './fields.js';

/** The vendor's data: what is sold, where and to whom. Null where it was not given and stays as it is. */
export interface CatalogFiles {
  products: Product[];
  markets: MarketEntry[] | null;
  rules: TenantTypeRule[] | null;
}

/** As read from JSON; `training` gives the link of each service whose products have none of their own. */
export interface RawCatalogFiles {
  products: unknown;
  markets?: unknown;
  rules?: unknown;
  training?: unknown;
}

// An empty one would take everything from everybody; nobody means that.
const productsFile = z
  .array(productEntry)
  .min(1)
  .superRefine(refuseTwice(({ productId }) => productId, ['productId']));
const marketsFile = z
  .array(marketEntry)
  .min(1)
  .superRefine(refuseTwice(({ code }) => code, ['code']));
const trainingFile = z.record(z.string(), webAddress);

/** Of one type of tenant no two rules hold on the same day. [ELG-2, ELG-6] */
const refuseOverlaps = (rules: readonly TenantTypeRule[], ctx: z.RefinementCtx): void => {
  for (const [index, rule] of rules.entries()) {
    const meets = rules
      .slice(0, index)
      .some((other) => other.tenantType === rule.tenantType && overlap(other, rule));
    if (!meets) continue;
    const message = `overlaps with another rule for ${rule.tenantType}`;
    ctx.addIssue({ code: 'custom', path: [index, 'from'], message });
  }
};

const overlap = (one: TenantTypeRule, other: TenantTypeRule): boolean =>
  (one.until === undefined || other.from < one.until) &&
  (other.until === undefined || one.from < other.until);

const rulesFile = z.strictObject({
  tenantTypes: z.array(tenantTypeEntry).min(1).superRefine(refuseOverlaps),
});

/**
 * The one reader of the vendor's data. [BUY-7, BUY-8, ELG-2, ELG-3, ELG-6]
 * Throws `CatalogRefusedError` with every fault found: the product, market or rule, the field, and what is wrong.
 */
export const parseCatalogFiles = (raw: RawCatalogFiles): CatalogFiles => {
  const faults: CatalogFault[] = [];
  const read = <S extends z.ZodType>(schema: S, value: unknown, name: string): z.infer<S> | null => {
    if (value === undefined) return null;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    faults.push(...parsed.error.issues.map((issue) => faultOf(issue, value, name)));
    return null;
  };
  const markets = read(marketsFile, raw.markets, 'markets');
  const rules = read(rulesFile, raw.rules, 'rules')?.tenantTypes ?? null;
  const training = read(trainingFile, raw.training, 'training') ?? {};
  // Not given at all is a fault as well.
  const entries = read(productsFile, raw.products ?? null, 'products') ?? [];
  const products = entries.map((entry, index) => {
    const trainingUrl = entry.trainingUrl ?? training[entry.service];
    if (trainingUrl === undefined) {
      const message = `is missing, and there is no training link for ${entry.service}`;
      faults.push(faultOf({ path: [index, 'trainingUrl'], message }, raw.products, 'products'));
    }
    return { ...entry, trainingUrl: trainingUrl ?? '' };
  });
  if (faults.length > 0) throw new CatalogRefusedError(faults);
  return { products, markets, rules };
};

/** Names the thing as its author knows it, where it says so itself, else by its place in the file. */
const faultOf = (
  { path, message }: Pick<z.core.$ZodIssue, 'path' | 'message'>,
  file: unknown,
  name: string,
): CatalogFault => {
  const depth = path.findIndex((step) => typeof step === 'number') + 1;
  const place = name + fieldAt(path.slice(0, depth));
  const thing = path.slice(0, depth).reduce<unknown>(fieldOf, file);
  const known = ['productId', 'code', 'tenantType'].map((key) => fieldOf(thing, key)).find(isText);
  const productName = fieldOf(thing, 'productName');
  const named = isText(productName) ? `${known ?? place} (${productName})` : (known ?? place);
  return {
    subject: named,
    field: fieldAt(path.slice(depth)).replace(/^\./, '') || '(whole)',
    detail: message,
  };
};

const fieldOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const fieldAt = (path: readonly PropertyKey[]): string =>
  path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
