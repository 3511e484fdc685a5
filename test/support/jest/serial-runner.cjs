/** Jest's runner, one test file after another: the files of a project that starts whole stacks must not overlap. */
const { default: TestRunner } = require('jest-runner');

module.exports = class SerialRunner extends TestRunner {
  isSerial = true;
};
