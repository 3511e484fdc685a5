import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const SPECS = ['**/*.spec.ts', '**/*.spec.tsx', 'test/**/*.ts'];
const PLAIN_JS = ['**/*.{js,mjs,cjs}'];

/** Where settings of tools, not of the programs, are read. */
const MAY_READ_ENVIRONMENT = ['libs/platform/src/env.ts', 'stack/**', 'scripts/**', 'test/**', ...SPECS];

const environment = {
  object: 'process',
  property: 'env',
  message: 'Settings are read in libs/platform/src/env.ts and nowhere else.',
};

const pooledFetch = {
  name: 'fetch',
  message:
    'The global fetch pools connections, which a server may close just then: import fetch from @commissary/stack/http.',
};

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/', '.run/', '.stryker/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        // One program for sources and specs together: a program per workspace takes half as long again.
        project: ['./tsconfig.check.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'off', // Nest's decorators need some of them as values.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Marked deprecated as a warning alone; an issuer on the loopback interface has no TLS.
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', package: 'openid-client', name: 'allowInsecureRequests' }] },
      ],
      // A Nest module is a class without members.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // The driver's options are written as plain objects, classes though their types are.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An interface a class fulfils may demand a promise where there is nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': ['error', environment],
    },
  },
  {
    // Clients of a terminal and tests.
    files: ['stack/**/*.ts', ...SPECS],
    rules: { 'no-console': 'off' },
  },
  {
    // The chaos runner asks again whatever was not answered; the programs are fetched before anything runs.
    files: ['stack/src/**/*.ts', 'test/**/*.ts'],
    ignores: ['stack/src/binaries/**', 'test/chaos/**'],
    rules: { 'no-restricted-globals': ['error', pooledFetch] },
  },
  // A locale is one file, however much it says. [MSG-2]
  { files: ['libs/mail/src/locales/*.ts'], rules: { 'max-lines': 'off' } },
  { files: MAY_READ_ENVIRONMENT, rules: { 'no-restricted-properties': 'off' } },
  {
    files: SPECS,
    rules: {
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      // A test says more plainly that a value is there by asserting it.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: PLAIN_JS,
    extends: [tseslint.configs.strict],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
);
