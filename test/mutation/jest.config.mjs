/** What Stryker runs for each mutant: the unit specs beside the mutated code, with the settings of the `unit` project. */
import jest from '../../jest.config.mjs';

const unit = jest.projects.find(({ displayName }) => displayName === 'unit');

export default {
  ...unit,
  // Jest crawls its roots for each mutant, so that fewer roots make a faster run.
  roots: ['<rootDir>/test/mutation', '<rootDir>/libs/domain/src', '<rootDir>/libs/policies/src'],
  testMatch: ['<rootDir>/test/mutation/all.spec.cjs'],
};
