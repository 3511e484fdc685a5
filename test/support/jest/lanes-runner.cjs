/**
 * Jest's own runner for each lane: `others` first, then `e2e` and `faults` beside each other, which both wait for most of their time. Time
 * limits inside the tests do not hold with more than that on two cores.
 *
 * - `others`: unit and integration tests, and the end-to-end files that start what they need themselves; `maxWorkers` at once.
 * - `e2e`: the end-to-end files that share one stack, one after another.
 * - `faults`: two files at once, each on a stack of its own; most of their time is waiting for leases to run out.
 */
const path = require('node:path');
const { default: TestRunner } = require('jest-runner');

const STARTS_ITS_OWN_STACK = /^(?:stack|compose)\./;

const laneOf = ({ path: file, context }) => {
  const project = context.config.displayName?.name;
  if (project === 'faults') return 'faults';
  return project === 'e2e' && !STARTS_ITS_OWN_STACK.test(path.basename(file)) ? 'e2e' : 'others';
};

module.exports = class LanesRunner extends TestRunner {
  constructor(globalConfig, context) {
    super(globalConfig, context);
    const atMost = (files) => ({ ...globalConfig, maxWorkers: Math.min(files, globalConfig.maxWorkers) });
    this.lanes = {
      others: new TestRunner(globalConfig, context),
      e2e: new TestRunner(atMost(1), context),
      faults: new TestRunner(atMost(2), context),
    };
  }

  on(event, listener) {
    const unsubscribe = Object.values(this.lanes).map((lane) => lane.on(event, listener));
    return () => unsubscribe.forEach((each) => each());
  }

  /** `serial` is set for a single file and by `--runInBand`: the files then run in this very process, where only one may run. */
  async runTests(tests, watcher, options) {
    const runs = Object.entries(this.lanes).map(([name, runner]) => {
      const theirs = tests.filter((test) => laneOf(test) === name);
      return () => (theirs.length > 0 ? runner.runTests(theirs, watcher, options) : undefined);
    });
    const [others, ...stacks] = runs;
    await others();
    if (!options.serial) await Promise.all(stacks.map((run) => run()));
    else for (const run of stacks) await run();
  }
};
