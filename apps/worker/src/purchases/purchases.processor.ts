import { Processor } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Logger } from '@commissary/platform';
import { type Handlers, QueueProcessor, WORKER_OPTIONS } from '@commissary/queue';
import { OperationRunner } from '../operations/operation-runner.js';
import { SeatChangeHandler } from '../seat-changes/seat-change.handler.js';
import { LOGGER } from '../tokens.js';
import { PurchaseHandler } from './purchase.handler.js';

/** So many that the next ones gather while others are committed. */
const CONCURRENCY = 128;

@Processor('purchases', { ...WORKER_OPTIONS, concurrency: CONCURRENCY })
export class PurchasesProcessor extends QueueProcessor<'purchases'> {
  protected readonly handlers: Handlers<'purchases'>;

  constructor(
    runner: OperationRunner,
    purchases: PurchaseHandler,
    seatChanges: SeatChangeHandler,
    @Inject(LOGGER) logger: Logger,
  ) {
    super(logger);
    this.handlers = {
      'purchase.run': (job) => runner.handle(purchases, job),
      'seat-change.run': (job) => runner.handle(seatChanges, job),
    };
  }
}
