export * from './access.policy.js';
export * from './cancellation.policy.js';
export * from './eligibility.policy.js';
export * from './license.policy.js';
export * from './lock.policy.js';
export * from './move.policy.js';
export * from './quote.policy.js';
export * from './refund.policy.js';
