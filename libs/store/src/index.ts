export * from './collections.js';
export * from './database.js';
export * from './database-clock.js';
export * from './documents/index.js';
export * from './idempotency.repository.js';
export * from './operations/operation-runs.js';
export * from './operations/operations.repository.js';
export * from './tell.js';
