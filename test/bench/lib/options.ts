import { parseArgs } from 'node:util';
import { StackError } from '@commissary/stack';
import type { BenchOptions, Scenario } from './goal.js';

export interface CommandLine extends BenchOptions {
  scenarios: readonly Scenario[];
  json: boolean;
  /** Measures nothing: only whether references and project leave the same data. */
  checkOnly: boolean;
  /** File the results are written to, as Markdown. */
  write: string | null;
  help: boolean;
  /** A figure that misses its limit is an error. */
  strict: boolean;
  /** Folder for CPU profiles of the sides. */
  profile: string | null;
}

export const USAGE = `npm run bench -- [NAME...] [--check | --quick] [--json] [--strict] [--n N] [--pairs P] [--write FILE] [--profile FOLDER]

NAME is a goal (M1) or a group of them (move, cancel, purchases, gateway, exports, lists, catalog); all unless given.
--check   only checks that reference and project leave the same data, where they can be compared
--quick   few pairs and small sizes: shows that everything works, proves little
--json    the results as one JSON line at the end of stdout; what is being done goes to stderr anyway
--strict  ends with 1 if a figure misses its limit; without it only what could not be measured is an error
--n N     size of the data, which is otherwise found by what the machine does in two seconds: users of a move (M3: of the
          large one, M4: one more size), licenses (C1: of the
          larger subscription, C2, C3), purchases (G1, G3, P1), jobs (P2), users (Q1), rows of the long list (Q2), products (E2)
--pairs P pairs of slices (11)
--write   writes the results to this file as Markdown (docs/benchmarks.md)
--profile leaves a CPU profile of each side's process in this folder`;

const PAIRS = 11;
const QUICK_PAIRS = 3;

const wholeNumber = (flag: string, text: string | undefined): number | null => {
  if (text === undefined) return null;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new StackError(`${flag} ${text}: expected a whole number above 0.`);
};

const chosen = (names: readonly string[], scenarios: readonly Scenario[]): readonly Scenario[] => {
  if (names.length === 0) return scenarios;
  const matching = (name: string): Scenario[] =>
    scenarios.filter(({ id, group }) => [id.toLowerCase(), group].includes(name.toLowerCase()));
  for (const name of names) {
    if (matching(name).length > 0) continue;
    const known = [...new Set(scenarios.map((each) => each.group)), ...scenarios.map((each) => each.id)];
    throw new StackError(`There is no benchmark "${name}": choose from ${known.join(', ')}.`);
  }
  const wanted = new Set(names.flatMap(matching));
  return scenarios.filter((scenario) => wanted.has(scenario));
};

/** Throws `StackError` for what it does not understand. */
export const readCommandLine = (argv: readonly string[], scenarios: readonly Scenario[]): CommandLine => {
  const { values, positionals } = parse(argv);
  const quick = values.quick ?? false;
  const pairs = wholeNumber('--pairs', values.pairs) ?? (quick ? QUICK_PAIRS : PAIRS);
  return {
    scenarios: chosen(positionals, scenarios),
    quick,
    json: values.json ?? false,
    checkOnly: values.check ?? false,
    write: values.write ?? null,
    help: values.help ?? false,
    strict: values.strict ?? false,
    profile: values.profile ?? null,
    n: wholeNumber('--n', values.n),
    pairs,
    noisePairs: Math.max(2, Math.ceil(pairs / 2)),
  };
};

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        check: { type: 'boolean' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        n: { type: 'string' },
        pairs: { type: 'string' },
        write: { type: 'string' },
        strict: { type: 'boolean' },
        profile: { type: 'string' },
      },
    });
  } catch (error) {
    throw new StackError(`${(error as Error).message}\n\n${USAGE}`);
  }
};
