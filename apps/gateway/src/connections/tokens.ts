/** Injection tokens of what is no class: `@Inject(ENV) env: GatewayEnv`, `@Inject(LOGGER) logger: Logger`. */
export const ENV = Symbol('GatewayEnv');
export const LOGGER = Symbol('Logger');
