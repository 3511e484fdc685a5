/** Injection token of the program's log, which is no class: `@Inject(LOGGER) logger: Logger`. */
export const LOGGER = Symbol('Logger');

/** Injection token of the Redis connection that fails fast: `@Inject(REDIS) redis: Redis`. */
export const REDIS = Symbol('Redis');
