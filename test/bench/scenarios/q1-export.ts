import { compare } from '../lib/compare.js';
import {
  exportBy,
  type Exporting,
  memoryOfExport,
  openExporting,
  type Range,
  requireSameFile,
} from '../lib/exporting.js';
import {
  atLeast,
  atMost,
  type Bench,
  boundFigure,
  checking,
  cpuPerOperation,
  type Figure,
  ratioFigure,
  rate,
  type Scenario,
} from '../lib/goal.js';
import { rowsOf } from '../lib/rows.js';

const ROWS = 1_000_000;
const QUICK_ROWS = 100_000;
/** The rows are those of so many subscriptions; a slice exports some of them, the memory is that of all. */
const SUBSCRIPTIONS = 10;
const SLICE: Range = [0, 2];
const WHOLE: Range = [0, SUBSCRIPTIONS];
/** One more, for the memory of a small export. */
const SMALL: Range = [SUBSCRIPTIONS, SUBSCRIPTIONS + 1];
const SMALL_ROWS = 10_000;
const CHECKED_ROWS = 1_000;

const STANDS_STILL_MS = 5_000;
const MIB = 2 ** 20;

/** Q1: an export streams, as fast as one could write it, in flat memory. */
export const q1: Scenario = {
  id: 'Q1',
  group: 'exports',
  title: 'An export of users against cursor, template string, socket',
  meaning:
    'The reference reads licenses and their users, writes a template string a row and sends it, unsigned and unsafe; ours is the route itself. 0.70 x means 70 rows in the time of its 100. Memory is that of the whole export beside a small one.',
  check: checking(
    (bench) => openExporting(bench, [CHECKED_ROWS]),
    (exporting) => requireSameFile(exporting, [0, 1]),
  ),
  run: async (bench) => {
    const rows = bench.options.n ?? (bench.options.quick ? QUICK_ROWS : ROWS);
    const each = Math.max(1, Math.round(rows / SUBSCRIPTIONS));
    const sizes = [...Array.from({ length: SUBSCRIPTIONS }, () => each), Math.min(SMALL_ROWS, each)];
    const exporting = await openExporting(bench, sizes);
    try {
      await requireSameFile(exporting, SMALL);
      const memory = await memoryFigures(bench, exporting);
      const firstBytes: number[] = [];
      const variants = [
        exportBy(exporting, 'reference', SLICE),
        exportBy(exporting, 'gateway', SLICE, ({ firstByteMs }) => firstBytes.push(firstByteMs)),
      ];
      const { noise, measured } = await compare(bench, variants);
      return {
        figures: [
          ratioFigure(measured, noise, {
            label: 'rows/s, export : floor',
            metric: rate,
            limit: atLeast(0.7),
          }),
          ratioFigure(measured, noise, {
            label: 'CPU per row of the process, export : floor',
            metric: cpuPerOperation,
            limit: null,
          }),
          boundFigure('first byte', 'ms', firstBytes, atMost(150)),
          ...memory,
        ],
        rows: rowsOf(
          variants.map((variant) => variant.name),
          measured,
        ),
        rounds: [noise, measured],
        remarks: [
          `${each * (SLICE[1] - SLICE[0])} rows a slice; memory by processes that exported nothing else`,
        ],
      };
    } finally {
      await exporting.close();
    }
  },
};

const memoryFigures = async (bench: Bench, exporting: Exporting): Promise<Figure[]> => {
  const { subscriptions } = exporting.data;
  const rows = subscriptions.slice(...WHOLE).reduce((sum, { seats }) => sum + seats.assigned, 0);
  const small = await memoryOfExport(bench, exporting, SMALL);
  const whole = await memoryOfExport(bench, exporting, WHOLE);
  const slow = await memoryOfExport(bench, exporting, WHOLE, { pauseMs: STANDS_STILL_MS });
  if (small === null || whole === null || slow === null) return [];
  const smallRows = subscriptions[SMALL[0]]?.seats.assigned ?? 0;
  const less = `less ${smallRows} rows`;
  return [
    boundFigure(`peak RSS, ${rows} rows ${less}`, 'MiB', [(whole - small) / MIB], atMost(64)),
    boundFigure(
      `peak RSS, ${rows} rows, a reader who stands still for ${STANDS_STILL_MS / 1000} s, ${less}`,
      'MiB',
      [(slow - small) / MIB],
      atMost(64),
    ),
  ];
};
