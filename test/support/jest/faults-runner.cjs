/**
 * Jest's runner, for the fault tests apart from the others: they measure times, so that nothing but themselves should use the
 * machine. Two files at once, each on a stack of its own, for most of their time is waiting for leases.
 */
const { default: TestRunner } = require('jest-runner');

module.exports = class FaultsRunner extends TestRunner {};
