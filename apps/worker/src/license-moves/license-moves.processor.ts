import { Inject, Injectable } from '@nestjs/common';
import type { Logger, WorkerEnv } from '@commissary/platform';
import { OperationRunner } from '../operations/operation-runner.js';
import { QueueHost } from '../queue-host.js';
import { LOGGER, WORKER_ENV } from '../tokens.js';
import { MoveLicensesHandler } from './move-licenses.handler.js';

const CONCURRENCY = 2;

@Injectable()
export class LicenseMovesProcessor extends QueueHost<'license-moves'> {
  constructor(
    runner: OperationRunner,
    handler: MoveLicensesHandler,
    @Inject(WORKER_ENV) env: WorkerEnv,
    @Inject(LOGGER) logger: Logger,
  ) {
    super(
      'license-moves',
      CONCURRENCY,
      { 'license-move.run': (job) => runner.handle(handler, job) },
      env,
      logger,
    );
  }
}
