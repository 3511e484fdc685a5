/**
 * Jest's runner, for the projects that start whole stacks, after all others. The end-to-end files share one stack, so that they
 * run one after another; beside them the fault tests, two files at once, each on a stack of its own: most of their time is
 * waiting for leases to run out.
 */
const { default: TestRunner } = require('jest-runner');

const isFaultTest = (test) => test.context.config.displayName?.name === 'faults';

module.exports = class StacksRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const faults = tests.filter(isFaultTest);
    const others = tests.filter((test) => !isFaultTest(test));
    const runs = [];
    if (others.length > 0) runs.push(super.runTests(others, watcher, { ...options, serial: true }));
    if (faults.length > 0) runs.push(super.runTests(faults, watcher, options));
    await Promise.all(runs);
  }
};
