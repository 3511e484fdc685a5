import { BadSettingError, createLogger, type GatewayEnv, readGatewayEnv } from '@commissary/platform';
import { createGateway } from './app.js';

/** The longest a graceful stop may take. [OPS-3] */
const STOP_WITHIN_MS = 28_000;

const start = async (env: GatewayEnv): Promise<void> => {
  const logger = createLogger('gateway', env.LOG_LEVEL);
  const app = await createGateway(env, logger);
  const stop = (signal: string): void => {
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await app.listen(env.PORT, env.HOST);
  logger.info({ url: await app.getUrl() }, 'listening');
};

/** One line: the first one of Nest's errors says what is missing and where, and its advice below is in the log. */
const sentence = (error: unknown): string => {
  if (error instanceof BadSettingError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  return `The gateway cannot start: ${message.split('\n', 1)[0] ?? message}`;
};

try {
  await start(readGatewayEnv());
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`);
  process.exit(1);
}
