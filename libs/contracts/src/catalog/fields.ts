import {
  CHANNELS,
  priceKey,
  SEATS_PER_PURCHASE,
  SEATS_PER_SUBSCRIPTION_MAX,
  TENANT_TYPES,
  TERMS,
} from '@commissary/domain';
import { z } from 'zod';
import { lineOfText } from '../http/text.js';

/** Whatever is bought at once, its price stays an exact number. */
const UNIT_AMOUNT_MAX = Math.floor(Number.MAX_SAFE_INTEGER / SEATS_PER_SUBSCRIPTION_MAX);

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

const marketCode = z.string().regex(/^[A-Z]{2}$/, 'expected an ISO 3166-1 code of two letters');
const marketOrAny = z.string().regex(/^([A-Z]{2}|\*)$/, 'expected an ISO 3166-1 code of two letters, or *');
const day = z.iso.date('expected a day as YYYY-MM-DD');
const validity = { from: day, until: day.optional() };

/** `until` is the first day that is no longer meant. */
const endsAfterItBegins = (
  dated: { from: string; until?: string | undefined },
  ctx: z.RefinementCtx,
): void => {
  if (dated.until === undefined || dated.until > dated.from) return;
  const message = `must be after "from" (${dated.from})`;
  ctx.addIssue({ code: 'custom', path: ['until'], message });
};

const price = z
  .strictObject({
    channel: z.enum(CHANNELS),
    market: marketOrAny,
    term: z.enum(TERMS),
    currency: z.string().refine((code) => CURRENCIES.has(code), 'expected an ISO 4217 currency'),
    unitAmountMinor: z.int('expected whole minor units').min(0).max(UNIT_AMOUNT_MAX),
    ...validity,
  })
  .superRefine(endsAfterItBegins);

const trial = z.strictObject({
  days: z.int().min(1).max(365),
  seats: z.int().min(SEATS_PER_PURCHASE.min).max(SEATS_PER_PURCHASE.max),
  cardless: z.boolean(),
});

export const webAddress = z.url({ protocol: /^https?$/, error: 'expected an http or https address' });

/** Adds an issue at each thing whose key an earlier one has already. */
export const refuseTwice =
  <T>(keyOf: (thing: T) => string, path: readonly string[] = []) =>
  (things: readonly T[], ctx: z.RefinementCtx): void => {
    const seen = new Set<string>();
    for (const [index, thing] of things.entries()) {
      const key = keyOf(thing);
      const message = `${key} is there twice`;
      if (seen.has(key)) ctx.addIssue({ code: 'custom', path: [index, ...path], message });
      seen.add(key);
    }
  };

/** A product as the vendor writes it. [BUY-7, BUY-8, ELG-3, ELG-6] */
export const productEntry = z.strictObject({
  // It becomes part of paths and of keys.
  productId: z.string().regex(/^[A-Za-z0-9][\w-]{0,99}$/, 'expected letters, digits, _ and -, 100 at most'),
  productName: lineOfText(200),
  service: lineOfText(100),
  family: lineOfText(100),
  excludedMarkets: z.array(marketCode).superRefine(refuseTwice((code) => code)),
  trial: trial.nullable(),
  opens: z
    .array(z.strictObject({ market: marketOrAny, from: day }))
    .superRefine(refuseTwice(({ market }) => market, ['market'])),
  prices: z.array(price).superRefine(refuseTwice(priceKey, ['from'])),
  /** Left out, it is that of the product's service. [MSG-4] */
  trainingUrl: webAddress.optional(),
});

export const marketEntry = z.strictObject({ code: marketCode, name: lineOfText(100) });
export type MarketEntry = z.infer<typeof marketEntry>;

export const tenantTypeEntry = z
  .strictObject({ tenantType: z.enum(TENANT_TYPES), eligible: z.boolean(), ...validity })
  .superRefine(endsAfterItBegins);
