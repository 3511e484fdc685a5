import { Inject, Injectable } from '@nestjs/common';
import type { Logger, WorkerEnv } from '@commissary/platform';
import { OperationRunner } from '../operations/operation-runner.js';
import { QueueHost } from '../queue-host.js';
import { LOGGER, WORKER_ENV } from '../tokens.js';
import { PurchaseHandler } from './purchase.handler.js';

const CONCURRENCY = 16;

@Injectable()
export class PurchasesProcessor extends QueueHost<'purchases'> {
  constructor(
    runner: OperationRunner,
    handler: PurchaseHandler,
    @Inject(WORKER_ENV) env: WorkerEnv,
    @Inject(LOGGER) logger: Logger,
  ) {
    super('purchases', CONCURRENCY, { 'purchase.run': (job) => runner.handle(handler, job) }, env, logger);
  }
}
