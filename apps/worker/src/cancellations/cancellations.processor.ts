import { Inject, Injectable } from '@nestjs/common';
import type { Logger, WorkerEnv } from '@commissary/platform';
import { OperationRunner } from '../operations/operation-runner.js';
import { QueueHost } from '../queue-host.js';
import { LOGGER, WORKER_ENV } from '../tokens.js';
import { CancelSubscriptionHandler } from './cancel-subscription.handler.js';

const CONCURRENCY = 4;

@Injectable()
export class CancellationsProcessor extends QueueHost<'cancellations'> {
  constructor(
    runner: OperationRunner,
    handler: CancelSubscriptionHandler,
    @Inject(WORKER_ENV) env: WorkerEnv,
    @Inject(LOGGER) logger: Logger,
  ) {
    super(
      'cancellations',
      CONCURRENCY,
      { 'cancellation.run': (job) => runner.handle(handler, job) },
      env,
      logger,
    );
  }
}
