/** Injection token of the program's log, which is no class: `@Inject(LOGGER) logger: Logger`. */
export const LOGGER = Symbol('Logger');
