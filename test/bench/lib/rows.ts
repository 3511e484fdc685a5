import type { Row } from './goal.js';
import { median } from './statistics.js';
import type { Rounds, Slice } from './slices.js';

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Waiting on a blocking command is no work; statistics and settings are the bench's own. */
const NOT_COUNTED = new Set(['info', 'config|set', 'flushall', 'hello', 'client|setinfo', 'client']);

const countersPer = (slices: readonly Slice[], kind: keyof Slice['counters']): Record<string, number> => {
  const operations = sum(slices.map((slice) => slice.operations));
  const totals = new Map<string, number>();
  for (const { counters } of slices) {
    for (const [name, count] of Object.entries(counters[kind])) {
      if (!NOT_COUNTED.has(name)) totals.set(name, (totals.get(name) ?? 0) + count);
    }
  }
  return Object.fromEntries([...totals].map(([name, count]) => [name, count / operations]));
};

/** The variants of some rounds, each summed up by medians over its slices. */
export const rowsOf = (names: readonly string[], { rounds }: Rounds): Row[] =>
  names.map((name, place) => {
    const slices = rounds.flatMap((round) => round[place] ?? []);
    const of = (metric: (slice: Slice) => number): number => median(slices.map(metric));
    const peaks = slices.flatMap((slice) => slice.peakBytes ?? []);
    const latencies = slices.flatMap((slice) => slice.latency ?? []);
    const counters = {
      redisCommands: countersPer(slices, 'redisCommands'),
      mongoOperations: countersPer(slices, 'mongoOperations'),
    };
    return {
      name,
      operations: of((slice) => slice.operations),
      seconds: of((slice) => slice.seconds),
      operationsPerSecond: of((slice) => slice.operations / slice.seconds),
      cpuMicrosPerOperation: of((slice) => (slice.cpuSeconds / slice.operations) * 1e6),
      storesCpuMicrosPerOperation: of((slice) => (slice.storesCpuSeconds / slice.operations) * 1e6),
      peakMegabytes: peaks.length > 0 ? Math.max(...peaks) / 2 ** 20 : null,
      redisCommands: sum(Object.values(counters.redisCommands)),
      mongoOperations: sum(Object.values(counters.mongoOperations)),
      latency:
        latencies.length === 0
          ? null
          : {
              p50: median(latencies.map((one) => one.p50)),
              p95: median(latencies.map((one) => one.p95)),
              p99: median(latencies.map((one) => one.p99)),
            },
      counters,
    };
  });
