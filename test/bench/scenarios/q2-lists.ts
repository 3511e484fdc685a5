import { atMost, boundFigure, p95, ratioFigure, type Scenario } from '../lib/goal.js';
import { examinedPerReturned, openListing, pagesOf } from '../lib/listing.js';
import { rowsOf } from '../lib/rows.js';
import { compare } from '../lib/compare.js';

const SMALL = 10_000;
const LARGE = 1_000_000;
/** So that every filter's deep page is a full one. */
const LEAST = 2_500;
const QUICK = { small: 1_000, large: 20_000 };
const SECONDS = 2;

/** Q2: a page costs the same wherever it is and however long the list. */
export const q2: Scenario = {
  id: 'Q2',
  group: 'lists',
  title: 'A page of subscriptions at two sizes of the list, first and deep',
  meaning:
    'A page of 50 subscriptions out of a short list, a hundred times longer one, and from deep inside it, at 100 requests a second; 1 x means that size and depth cost nothing.',
  run: async (bench) => {
    const { quick, n } = bench.options;
    const small = await openListing(bench, quick ? QUICK.small : SMALL);
    const large = await openListing(bench, Math.max(LEAST, n ?? (quick ? QUICK.large : LARGE)));
    try {
      const variants = [
        pagesOf(small, 'first', SECONDS),
        pagesOf(large, 'first', SECONDS),
        pagesOf(large, 'deep', SECONDS),
      ];
      const { noise, measured } = await compare(bench, variants);
      const examined = await examinedPerReturned(large);
      const sizes = `${large.size} : ${small.size} rows`;
      return {
        figures: [
          ratioFigure(measured, noise, { label: `page p95, ${sizes}`, metric: p95, limit: atMost(1.5) }),
          ratioFigure(measured, noise, {
            label: `page p95, deep : first, ${large.size} rows`,
            metric: p95,
            limit: atMost(1.2),
            of: 2,
            to: 1,
          }),
          boundFigure('documents examined per returned', 'x', [examined], atMost(1.1)),
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
      };
    } finally {
      await small.close();
      await large.close();
    }
  },
};
