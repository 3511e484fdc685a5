import type { Figure, GoalReport, Row } from './goal.js';
import type { Machine } from './machine.js';
import { table } from './table.js';

/** Three figures that matter, never in powers of ten. */
export const short = (value: number): string => {
  if (!Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 5));
};

const limitText = ({ limit, unit }: Figure): string => {
  if (limit === null) return '-';
  return `${limit.kind === 'atLeast' ? '>=' : '<='} ${limit.value} ${unit}`;
};

const figureCells = (figure: Figure): string[] => [
  figure.label,
  `${short(figure.value.median)} ${figure.unit}`,
  `${short(figure.value.low)} to ${short(figure.value.high)}`,
  limitText(figure),
  figure.noise === null ? '-' : `${(figure.noise * 100).toFixed(1)}%`,
  figure.verdict ?? '-',
];

const rowCells = (row: Row): string[] => [
  row.name,
  `${Math.round(row.operations)} in ${row.seconds.toFixed(2)} s`,
  short(row.operationsPerSecond),
  short(row.cpuMicrosPerOperation),
  short(row.storesCpuMicrosPerOperation),
  row.peakMegabytes === null ? '-' : short(row.peakMegabytes),
  short(row.redisCommands),
  short(row.mongoOperations),
  row.latency ? `${short(row.latency.p50)} / ${short(row.latency.p95)} / ${short(row.latency.p99)}` : '-',
];

const FIGURE_HEADER = ['figure', 'median', 'range', 'limit', 'noise', 'verdict'];
const ROW_HEADER = [
  'side',
  'a slice',
  'per second',
  'CPU us',
  'stores CPU us',
  'peak MiB',
  'Redis commands',
  'MongoDB operations',
  'ms p50 / p95 / p99',
];

const HOW_TO_READ = [
  'How to read it:',
  [
    '- **median**: the middle one of all rounds. `x` is a ratio between two programs that did the same work in the same run, one right after the other, on fresh data.',
    '- **range**: of a ratio the 95% bootstrap interval of its median; of anything else the least and the greatest value measured.',
    '- **noise**: how far the reference strays from 1 x when it is measured against itself. Nothing finer than that is claimed.',
    '- **verdict**: a ratio passes or fails only if its whole range is on one side of the limit and its median further from it than the noise, and is `undecided` otherwise; anything else passes if every single value keeps the limit.',
    '- In the tables of sides, CPU is that of the side’s own process and of the two stores, and commands and operations are what the stores counted, all for one operation: one request, purchase, job, user moved or page.',
  ].join('\n'),
].join('\n\n');

const disturbance = ({ rerun, disturbed, othersCores, seconds }: GoalReport): string => {
  const others = othersCores === null ? 'unknown' : `${othersCores.toFixed(2)} cores`;
  return `CPU used by others: ${others}; rounds run again: ${rerun}; kept though disturbed: ${disturbed}; took ${seconds} s.`;
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** One goal: its figures beside their limits, and what each side cost per operation. */
export const goalText = (report: GoalReport): string =>
  [
    `## ${report.id}: ${report.title}`,
    report.meaning,
    table(FIGURE_HEADER, report.figures.map(figureCells)),
    ...(report.rows.length > 0 ? [table(ROW_HEADER, report.rows.map(rowCells))] : []),
    [...report.remarks.map(sentence), disturbance(report)].join(' '),
  ].join('\n\n');

/** Every figure that has a limit, beside it. */
export const summaryText = (reports: readonly GoalReport[]): string => {
  const rows = reports.flatMap((report) =>
    report.figures
      .filter((figure) => figure.limit !== null)
      .map((figure) => [report.id, ...figureCells(figure)]),
  );
  return table(['goal', ...FIGURE_HEADER], rows);
};

/** The page of a whole run. */
export const pageText = (machine: Machine, reports: readonly GoalReport[], command: string): string =>
  `${[
    '# Benchmarks',
    `Written by \`${command}\`. Ratios hold from machine to machine, absolute figures do not.`,
    summaryText(reports),
    HOW_TO_READ,
    'Measured on:',
    table(
      ['', ''],
      Object.entries(machine).map(([name, value]) => [name, value]),
    ),
    ...reports.map(goalText),
  ].join('\n\n')}\n`;
