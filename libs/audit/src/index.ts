export * from './invariant.js';
export { INVARIANTS } from './invariants/index.js';
export { QueueView } from './reading/queue-view.js';
export * from './run-audit.js';
