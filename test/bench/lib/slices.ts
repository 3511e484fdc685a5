import { cpuSecondsOf, cpuSecondsOfAll, forgetPeak, peakBytesOf } from './process-usage.js';
import { livingPids } from './side.js';
import { countersBetween, type StoreCounters, type Stores } from './stores.js';

/** What one timed run did. */
export interface Timed {
  operations: number;
  seconds: number;
  /** Of the side's own process. */
  cpuSeconds: number;
  /** Quantiles of latency, ms, where a slice is about that. */
  latency?: { p50: number; p95: number; p99: number };
}

/** Something that can be timed again and again on fresh data. */
export interface Variant {
  name: string;
  /** The process whose memory is looked at. */
  pid: number;
  /** Fresh data; not timed. */
  prepare(): Promise<void>;
  run(): Promise<Timed>;
}

export interface Slice extends Timed {
  counters: StoreCounters;
  peakBytes: number | null;
  storesCpuSeconds: number;
  /** Cores that programs other than ours kept busy meanwhile; null where that cannot be known. */
  othersCores: number | null;
}

/** Cores; more than this taken by others disturbs a slice. */
const DISTURBED_AT = 0.15;

const isDisturbed = (slice: Slice): boolean => (slice.othersCores ?? 0) > DISTURBED_AT;

const timeSlice = async (stores: Stores, variant: Variant): Promise<Slice> => {
  await variant.prepare();
  await stores.settle();
  const storePids = [stores.mongodPid, stores.redisPid];
  const ours = (): number =>
    [process.pid, ...stores.pids, ...livingPids()].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const storesCpu = (): number => storePids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  forgetPeak(variant.pid);
  const counters = await stores.counters();
  const before = { all: cpuSecondsOfAll(), ours: ours(), stores: storesCpu(), at: performance.now() };
  const timed = await variant.run();
  const seconds = (performance.now() - before.at) / 1000;
  const all = cpuSecondsOfAll();
  const others = all !== null && before.all !== null ? all - before.all - (ours() - before.ours) : null;
  return {
    ...timed,
    storesCpuSeconds: storesCpu() - before.stores,
    othersCores: others === null ? null : Math.max(0, others / seconds),
    peakBytes: peakBytesOf(variant.pid),
    counters: countersBetween(counters, await stores.counters()),
  };
};

/** Once each, not counted: the first run of a program compiles its code. */
export const warmUp = async (variants: readonly Variant[]): Promise<void> => {
  for (const variant of variants) {
    await variant.prepare();
    await variant.run();
  }
};

export interface Rounds {
  /** One row per round: the slices in the order of the variants. */
  rounds: Slice[][];
  /** Rounds that were run again because others were busy. */
  rerun: number;
  /** Rounds kept although others were busy, for the machine did not come to rest. */
  disturbed: number;
}

/** References against themselves: each is in a round twice, first all of them and then all of them again. */
export interface Noise extends Rounds {
  references: number;
}

/**
 * Times the variants round after round, forwards and backwards in turn (A B B A), so that what drifts hits all alike.
 * A disturbed round is run again; as many times in all as there are rounds.
 */
export const interleave = async (
  stores: Stores,
  variants: readonly Variant[],
  count: number,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Rounds> => {
  const rounds: Slice[][] = [];
  let rerun = 0;
  let disturbed = 0;
  while (rounds.length < count) {
    const backwards = rounds.length % 2 === 1;
    const order = backwards ? variants.toReversed() : variants;
    const slices: Slice[] = [];
    for (const variant of order) {
      signal.throwIfAborted();
      slices.push(await timeSlice(stores, variant));
    }
    if (slices.some(isDisturbed) && rerun < count) {
      rerun += 1;
      continue;
    }
    disturbed += slices.some(isDisturbed) ? 1 : 0;
    rounds.push(backwards ? slices.toReversed() : slices);
    say(`  ${rounds.length}/${count}: ${rounds.at(-1)?.map(describe).join('  ') ?? ''}`);
  }
  return { rounds, rerun, disturbed };
};

const describe = (slice: Slice): string => {
  const rate = `${Math.round(slice.operations / slice.seconds)}/s in ${slice.seconds.toFixed(2)} s`;
  return slice.latency ? `${rate} p99 ${slice.latency.p99.toFixed(1)} ms` : rate;
};
