export * from './backoff.js';
export * from './connection.js';
export * from './job-producer.js';
export * from './queue-options.js';
export * from './queue-processor.js';
export * from './queue.module.js';
