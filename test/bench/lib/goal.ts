import { estimate, type Estimate, judge, type Limit, noiseFloor, type Verdict } from './statistics.js';
import type { Noise, Rounds, Slice } from './slices.js';
import type { Stores } from './stores.js';

/** One claim beside its limit. */
export interface Figure {
  label: string;
  unit: string;
  value: Estimate;
  limit: Limit | null;
  /** As a share: nothing finer is claimed. */
  noise: number | null;
  verdict: Verdict | null;
}

/** What one variant of a scenario came to, over its slices. */
export interface Row {
  name: string;
  /** Of a slice, the median. */
  operations: number;
  seconds: number;
  operationsPerSecond: number;
  cpuMicrosPerOperation: number;
  storesCpuMicrosPerOperation: number;
  peakMegabytes: number | null;
  /** Per operation. */
  redisCommands: number;
  mongoOperations: number;
  latency: { p50: number; p95: number; p99: number } | null;
  counters: Slice['counters'];
}

export interface GoalReport {
  id: string;
  title: string;
  meaning: string;
  figures: Figure[];
  rows: Row[];
  /** Rounds that were run again, and those that stayed disturbed. */
  rerun: number;
  disturbed: number;
  othersCores: number | null;
  seconds: number;
  remarks: string[];
}

export interface BenchOptions {
  pairs: number;
  noisePairs: number;
  quick: boolean;
  /** Size given by `--n`; null: the scenario's own. */
  n: number | null;
}

export interface Bench {
  stores: Stores;
  options: BenchOptions;
  say: (line: string) => void;
  signal: AbortSignal;
}

export interface Scenario {
  id: string;
  /** Name that runs it together with its like: `move`, `cancel`, `purchases`, `gateway`, `exports`, `lists`, `catalog`. */
  group: string;
  title: string;
  /** What the figures say, for somebody who reads no code. */
  meaning: string;
  /** Throws unless reference and project leave the same data; absent where nothing can be compared. */
  check?: (bench: Bench) => Promise<void>;
  run(bench: Bench): Promise<ScenarioOutcome>;
}

/** What a scenario opens, checked and closed again. */
export const checking =
  <T extends { close(): Promise<void> }>(
    open: (bench: Bench) => Promise<T>,
    check: (opened: T, bench: Bench) => Promise<void>,
  ) =>
  async (bench: Bench): Promise<void> => {
    const opened = await open(bench);
    try {
      await check(opened, bench);
    } finally {
      await opened.close();
    }
  };

export interface ScenarioOutcome {
  figures: Figure[];
  rows: Row[];
  rounds: readonly Rounds[];
  remarks?: string[];
}

export type Metric = (slice: Slice) => number;

export const rate: Metric = ({ operations, seconds }) => operations / seconds;
export const cpuPerOperation: Metric = ({ cpuSeconds, operations }) => cpuSeconds / operations;
export const p50: Metric = ({ latency }) => latency?.p50 ?? Number.NaN;
export const p95: Metric = ({ latency }) => latency?.p95 ?? Number.NaN;
export const p99: Metric = ({ latency }) => latency?.p99 ?? Number.NaN;

/** Round by round: a variant's metric over another's. */
const ratios = (rounds: readonly Slice[][], metric: Metric, of: number, to: number): number[] =>
  rounds.map((slices) => {
    const [numerator, denominator] = [slices[of], slices[to]];
    if (!numerator || !denominator) throw new Error('a round is not whole');
    return metric(numerator) / metric(denominator);
  });

export interface RatioOptions {
  label: string;
  metric: Metric;
  limit: Limit | null;
  /** Places of the variants in their rounds. */
  of?: number;
  to?: number;
}

/** Fewer rounds than this decide nothing. */
const ROUNDS_TO_JUDGE = 3;

/** The figure of a ratio, judged beside the noise of its reference (or else the first one) against itself. */
export const ratioFigure = (
  measured: Rounds,
  noise: Noise,
  { label, metric, limit, of = 1, to = 0 }: RatioOptions,
): Figure => {
  const value = estimate(ratios(measured.rounds, metric, of, to));
  const own = to < noise.references ? to : 0;
  const floor = noiseFloor(ratios(noise.rounds, metric, own + noise.references, own));
  return {
    label,
    unit: 'x',
    value,
    limit,
    noise: floor,
    verdict: limit && (measured.rounds.length < ROUNDS_TO_JUDGE ? 'undecided' : judge(value, limit, floor)),
  };
};

/** A figure that is no ratio: all its values must keep the limit, for a bound is about the worst case. */
export const boundFigure = (
  label: string,
  unit: string,
  values: readonly number[],
  limit: Limit | null,
): Figure => {
  const value = { ...estimate(values), low: Math.min(...values), high: Math.max(...values) };
  const kept =
    limit && values.every((one) => (limit.kind === 'atLeast' ? one >= limit.value : one <= limit.value));
  return { label, unit, value, limit, noise: null, verdict: kept === null ? null : kept ? 'pass' : 'fail' };
};

export const atLeast = (value: number): Limit => ({ kind: 'atLeast', value });
export const atMost = (value: number): Limit => ({ kind: 'atMost', value });
