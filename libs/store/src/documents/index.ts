export * from './capacity.js';
export * from './catalog.js';
export * from './directory.js';
export * from './operations.js';
export * from './purchases.js';
export * from './records.js';
export * from './subscriptions.js';
