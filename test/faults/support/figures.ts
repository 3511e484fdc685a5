/** A figure of this run, beside the test's name in the output. */
export const figure = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The value below which a share `q` (0 to 1) of the values lies. Throws on an empty list. */
export const quantile = (values: readonly number[], q: number): number => {
  const found = sorted(values)[Math.min(values.length - 1, Math.floor(values.length * q))];
  if (found === undefined) throw new Error('a quantile of nothing');
  return found;
};

/** `median 10.2 s, most 12.9 s of 20`, of milliseconds. */
export const spread = (ms: readonly number[]): string => {
  const seconds = (value: number): string => (value / 1000).toFixed(2);
  return `median ${seconds(quantile(ms, 0.5))} s, most ${seconds(Math.max(...ms))} s of ${ms.length}`;
};
