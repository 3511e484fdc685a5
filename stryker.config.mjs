/**
 * Mutation testing (`npm run mutation`): Stryker changes the rules about money, seats, terms, access and eligibility one place at a
 * time, and a unit spec must fail for each change. `npm run mutation -- --mutate 'libs/domain/src/money.ts'` checks one file.
 */
const MUTATED = [
  'libs/domain/src/{money,subscription,ledger,term,price-book,lifecycle}.ts',
  'libs/policies/src/*.policy.ts',
];

/** Stryker copies the rest of the repository for each run; these are the parts that the specs load. */
const COPIED = [
  'package.json',
  'data/**',
  'jest.config.mjs',
  'libs/{domain,policies}/**',
  'test/{mutation,support/jest}/**',
];

export default {
  plugins: ['@stryker-mutator/jest-runner', './test/mutation/message-texts.mjs'],
  ignorers: ['message-texts'],
  testRunner: 'jest',
  jest: { configFile: 'test/mutation/jest.config.mjs', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  mutate: MUTATED,
  ignorePatterns: ['**', ...COPIED.map((path) => `!${path}`), '**/dist'],
  // Two cores: one runs the tests of a mutant while Stryker prepares the next.
  concurrency: 2,
  // A run goes on from the results of the last one, and tests only what has changed since.
  incremental: true,
  incrementalFile: '.stryker/incremental.json',
  tempDirName: '.stryker/sandbox',
  reporters: ['clear-text', 'progress', 'json'],
  jsonReporter: { fileName: '.stryker/report.json' },
  clearTextReporter: { allowColor: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  timeoutMS: 20_000,
  allowConsoleColors: false,
};
