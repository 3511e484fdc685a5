import type { Price } from '@commissary/domain';
import { type CatalogChanges, type Difference, isNoDifference, type ProductChange } from '@commissary/store';

/** A line for each thing that is new, changed or withdrawn, and one that counts them; times are days in UTC. */
export const describeChanges = ({ products, markets, rules }: CatalogChanges): string[] => {
  const lines = [
    ...products.added.flatMap((product) => [
      `new product ${product._id} (${product.productName})`,
      ...product.prices.map((price) => `  new price ${priceText(price)}`),
    ]),
    ...products.changed.flatMap(productLines),
    ...products.withdrawn.map((product) => `withdrawn product ${product._id} (${product.productName})`),
    ...simpleLines('market', markets, ({ _id, name }) => `${_id} (${name})`),
    ...simpleLines(
      'rule',
      rules,
      (rule) => `${rule.tenantType} ${rule.eligible ? 'may' : 'may not'} buy ${validity(rule)}`,
    ),
  ];
  return lines.length === 0 ? ['Nothing changed.'] : [...lines, countsText({ products, markets, rules })];
};

const productLines = ({ after, fields, prices }: ProductChange): string[] => [
  `changed product ${after._id} (${after.productName})${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`,
  ...simpleLines('price', prices, priceText).map((line) => `  ${line}`),
];

const simpleLines = <T>(
  word: string,
  { added, changed, withdrawn }: Difference<T>,
  text: (thing: T) => string,
) => [
  ...added.map((thing) => `new ${word} ${text(thing)}`),
  ...changed.map(({ before, after }) => `changed ${word} ${text(after)}; was ${text(before)}`),
  ...withdrawn.map((thing) => `withdrawn ${word} ${text(thing)}`),
];

/** In minor units, as the file has it. */
const priceText = ({ channel, market, term, currency, unitAmountMinor, ...dates }: Price): string =>
  `${channel} ${market} ${term} ${unitAmountMinor} ${currency} ${validity(dates)}`;

const validity = ({ from, until }: { from: string; until?: string }): string =>
  `from ${from}${until === undefined ? '' : ` until ${until}`}`;

const countsText = ({ products, markets, rules }: CatalogChanges): string => {
  const priceDifferences: Difference<unknown>[] = [
    ...products.changed.map(({ prices }) => prices),
    ...products.added.map(({ prices }) => ({ added: prices, changed: [], withdrawn: [] })),
    ...products.withdrawn.map(({ prices }) => ({ added: [], changed: [], withdrawn: prices })),
  ];
  const kinds: [string, Difference<unknown>[]][] = [
    ['products', [products]],
    ['prices', priceDifferences],
    ['markets', [markets]],
    ['rules', [rules]],
  ];
  const counted = kinds
    .filter(([, differences]) => !differences.every(isNoDifference))
    .map(
      ([word, differences]) =>
        `${word}: ${(['added', 'changed', 'withdrawn'] as const)
          .map(
            (how) =>
              `${differences.reduce((sum, each) => sum + each[how].length, 0)} ${how === 'added' ? 'new' : how}`,
          )
          .join(', ')}`,
    );
  return `${counted.join('; ')}.`;
};
