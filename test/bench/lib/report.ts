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
  short(row.operationsPerSecond),
  short(row.cpuMicrosPerOperation),
  short(row.storesCpuMicrosPerOperation),
  row.peakMegabytes === null ? '-' : short(row.peakMegabytes),
  short(row.redisCommands),
  short(row.mongoOperations),
  row.latency ? `${short(row.latency.p50)} / ${short(row.latency.p95)} / ${short(row.latency.p99)}` : '-',
];

const FIGURE_HEADER = ['figure', 'median', '95% interval', 'limit', 'noise', 'verdict'];
const ROW_HEADER = [
  'side',
  'per second',
  'CPU us',
  'stores CPU us',
  'peak MiB',
  'Redis commands',
  'MongoDB operations',
  'ms p50 / p95 / p99',
];

const disturbance = ({ rerun, disturbed, othersCores }: GoalReport): string => {
  const others = othersCores === null ? 'unknown' : `${othersCores.toFixed(2)} cores`;
  return `CPU used by others: ${others}; rounds run again: ${rerun}; kept though disturbed: ${disturbed}.`;
};

/** One goal: its figures beside their limits, and what each side cost per operation. */
export const goalText = (report: GoalReport): string =>
  [
    `## ${report.id}: ${report.title}`,
    table(FIGURE_HEADER, report.figures.map(figureCells)),
    ...(report.rows.length > 0 ? [table(ROW_HEADER, report.rows.map(rowCells))] : []),
    [...report.remarks.map((remark) => `${remark}.`), disturbance(report)].join(' '),
  ].join('\n\n');

/** The page of a whole run. */
export const pageText = (machine: Machine, reports: readonly GoalReport[], command: string): string => {
  const summary = reports.flatMap((report) =>
    report.figures
      .filter((figure) => figure.limit !== null)
      .map((figure) => [report.id, ...figureCells(figure)]),
  );
  return `${[
    '# Benchmarks',
    `Written by \`${command}\`; ratios hold from machine to machine, absolute figures do not.`,
    table(
      ['', ''],
      Object.entries(machine).map(([name, value]) => [name, value]),
    ),
    'A figure passes or fails only if its whole 95% bootstrap interval is on one side of the limit and its median further from it than the noise, which is the reference measured against itself. CPU is of the side alone, per operation; Redis commands and MongoDB operations are per operation too.',
    table(['goal', ...FIGURE_HEADER], summary),
    ...reports.map(goalText),
  ].join('\n\n')}\n`;
};
