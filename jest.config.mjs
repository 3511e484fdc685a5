/**
 * Four projects: `unit` (pure code, beside its source), `integration` (real MongoDB and Redis), `e2e` (real processes) and
 * `faults` (processes that are killed and frozen; `FAULTS=full` for the full size). Everything is compiled to CommonJS, for Jest
 * on Node 20 cannot load ES modules without flags; `test/support/jest/` holds the few parts that make this work.
 */
const support = '<rootDir>/test/support/jest';

const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { globalsCleanup: 'off' },
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'node'],
  // A workspace is tested from its source, so that a spec never meets a stale build.
  moduleNameMapper: {
    '^@commissary/(gateway|worker)$': '<rootDir>/apps/$1/src/index.ts',
    '^@commissary/stack$': '<rootDir>/stack/src/index.ts',
    '^@commissary/stack/payments$': '<rootDir>/stack/src/payments/simulator.ts',
    '^@commissary/stack/http$': '<rootDir>/stack/src/http/index.ts',
    '^@commissary/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
  },
  resolver: `${support}/resolver.cjs`,
  runner: `${support}/lanes-runner.cjs`,
  transform: { '\\.(?:[cm]?js|tsx?)$': `${support}/transform.cjs` },
  // Everything but Jest itself, its own runner included: it would compile what it is compiling with.
  transformIgnorePatterns: [
    '/node_modules/(?:@jest|@babel|jest[^/]*|babel[^/]*|write-file-atomic|signal-exit|imurmurhash|pirates)/',
    '/test/support/jest/',
  ],
  modulePathIgnorePatterns: [
    '<rootDir>/(?:apps|libs)/[^/]+/dist/',
    '<rootDir>/stack/dist/',
    '<rootDir>/\\.run/',
    '<rootDir>/\\.stryker/',
  ],
};

const services = {
  globalSetup: `${support}/start-services.mjs`,
  globalTeardown: `${support}/stop-services.mjs`,
};

export default {
  watchman: false,
  maxWorkers: 2,
  // On a busy machine a worker takes longer than the half second that it is given before it is killed with a warning.
  workerGracefulExitTimeout: 10_000,
  reporters: ['default', `${support}/summary-reporter.cjs`],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{libs,apps}/*/src/**/*.spec.{ts,tsx}',
        '<rootDir>/{stack/src,test/tooling,test/bench}/**/*.spec.ts',
      ],
    },
    {
      ...shared,
      ...services,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.spec.ts'],
      setupFilesAfterEnv: [`${support}/integration.setup.cjs`],
    },
    {
      ...shared,
      globalSetup: '<rootDir>/test/e2e/support/start-stack.mjs',
      globalTeardown: '<rootDir>/test/e2e/support/stop-stack.mjs',
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{e2e,compose}/**/*.spec.ts'],
      setupFilesAfterEnv: [`${support}/e2e.setup.cjs`],
    },
    {
      ...shared,
      globalSetup: '<rootDir>/test/faults/support/prepare.mjs',
      globalTeardown: '<rootDir>/test/faults/support/clear.mjs',
      displayName: 'faults',
      testMatch: ['<rootDir>/test/faults/**/*.spec.ts'],
      setupFilesAfterEnv: [`${support}/faults.setup.cjs`],
    },
  ],
};
