export * from './money.js';
export * from './notifications.js';
export * from './queues.js';
