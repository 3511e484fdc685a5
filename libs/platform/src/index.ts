export * from './clock.js';
export * from './env.js';
export * from './failpoints.js';
export * from './ids.js';
export * from './logger.js';
export * from './redis-url.js';
export * from './tokens.js';
