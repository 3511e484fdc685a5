import { Inject, Injectable } from '@nestjs/common';
import type { Logger, WorkerEnv } from '@commissary/platform';
import type { Handlers } from '@commissary/queue';
import { OperationRunner } from '../operations/operation-runner.js';
import { QueueHost } from '../queue-host.js';
import { LOGGER, WORKER_ENV } from '../tokens.js';
import { SeatChangeHandler } from '../seat-changes/seat-change.handler.js';
import { PurchaseHandler } from './purchase.handler.js';

/** So many that the next ones gather while others are committed. */
const CONCURRENCY = 128;

@Injectable()
export class PurchasesProcessor extends QueueHost<'purchases'> {
  constructor(
    runner: OperationRunner,
    handler: PurchaseHandler,
    seats: SeatChangeHandler,
    @Inject(WORKER_ENV) env: WorkerEnv,
    @Inject(LOGGER) logger: Logger,
  ) {
    const handlers: Handlers<'purchases'> = {
      'purchase.run': (job) => runner.handle(handler, job),
      'seat-change.run': (job) => runner.handle(seats, job),
    };
    super('purchases', CONCURRENCY, handlers, env, logger);
  }
}
