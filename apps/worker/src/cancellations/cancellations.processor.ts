import { Processor } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Logger } from '@commissary/platform';
import { type Handlers, QueueProcessor, WORKER_OPTIONS } from '@commissary/queue';
import { OperationRunner } from '../operations/operation-runner.js';
import { LOGGER } from '../tokens.js';
import { CancelSubscriptionHandler } from './cancel-subscription.handler.js';

@Processor('cancellations', { ...WORKER_OPTIONS, concurrency: 4 })
export class CancellationsProcessor extends QueueProcessor<'cancellations'> {
  protected readonly handlers: Handlers<'cancellations'>;

  constructor(runner: OperationRunner, handler: CancelSubscriptionHandler, @Inject(LOGGER) logger: Logger) {
    super(logger);
    this.handlers = { 'cancellation.run': (job) => runner.handle(handler, job) };
  }
}
