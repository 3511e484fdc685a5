/** Says at the start what is run, and ends the output with the plain line `N passed, N failed`. */
module.exports = class SummaryReporter {
  onRunStart(results) {
    process.stdout.write(`running ${results.numTotalTestSuites} test files\n`);
  }

  onRunComplete(_contexts, results) {
    // A file that does not even load has no tests to count, yet must not look like success.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest's own summary and the teardown come after this, so the line waits for the end of the process.
    process.once('exit', () => process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`));
  }
};
