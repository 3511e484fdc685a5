import 'reflect-metadata';
import { setPriority } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { type Logger, readWorkerEnv } from '@commissary/platform';
import { OperationRunner } from './operations/operation-runner.js';
import { startFailure } from './start-failure.js';
import { LOGGER, SERVED_QUEUES } from './tokens.js';
import { WorkerModule } from './worker.module.js';

/** What runs is finished or handed back within this; then the leases speak for themselves. [OPS-3] */
const STOP_WITHIN_MS = 28_000;

const start = async (): Promise<void> => {
  const env = readWorkerEnv();
  if (env.WORKER_NICE > 0) setPriority(env.WORKER_NICE);
  const app = await NestFactory.createApplicationContext(WorkerModule.register(env), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  const logger = app.get<Logger>(LOGGER);
  const stop = (signal: string): void => {
    logger.info({ signal }, 'worker stopping');
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    app.get(OperationRunner).stop();
    void app.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await app.init();
  logger.info({ queues: app.get<string[]>(SERVED_QUEUES) }, 'worker started');
};

start().catch((error: unknown) => {
  process.stderr.write(`${startFailure(error)}\n`);
  process.exit(1);
});
