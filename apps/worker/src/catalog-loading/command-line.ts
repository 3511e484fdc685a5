import { parseArgs } from 'node:util';

export const USAGE =
  'Usage: load-catalog products.json [--markets markets.json] [--rules eligibility.json] [--training training.json] [--dry-run]';

export interface CommandLine {
  /** Paths; undefined where not given. */
  files: { products: string; markets?: string; rules?: string; training?: string };
  dryRun: boolean;
}

/** What was asked for; throws an Error that says what is wrong and how it is used. */
export const parseCommandLine = (args: readonly string[]): CommandLine => {
  const { values, positionals } = readArguments(args);
  const [products, ...more] = positionals;
  if (products === undefined) throw new Error(`The file of products is missing.\n${USAGE}`);
  if (more.length > 0) throw new Error(`There is one file of products, not ${positionals.length}.\n${USAGE}`);
  const { 'dry-run': dryRun = false, ...files } = values;
  return { files: { products, ...files }, dryRun };
};

const readArguments = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        markets: { type: 'string' },
        rules: { type: 'string' },
        training: { type: 'string' },
        'dry-run': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
};
