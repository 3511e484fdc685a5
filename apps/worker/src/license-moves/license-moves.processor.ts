import { Processor } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Logger } from '@commissary/platform';
import { type Handlers, QueueProcessor, WORKER_OPTIONS } from '@commissary/queue';
import { OperationRunner } from '../operations/operation-runner.js';
import { LOGGER } from '../tokens.js';
import { MoveLicensesHandler } from './move-licenses.handler.js';

@Processor('license-moves', { ...WORKER_OPTIONS, concurrency: 2 })
export class LicenseMovesProcessor extends QueueProcessor<'license-moves'> {
  protected readonly handlers: Handlers<'license-moves'>;

  constructor(runner: OperationRunner, handler: MoveLicensesHandler, @Inject(LOGGER) logger: Logger) {
    super(logger);
    this.handlers = { 'license-move.run': (job) => runner.handle(handler, job) };
  }
}
