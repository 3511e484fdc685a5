import { Inject, Injectable } from '@nestjs/common';
import type { Logger, WorkerEnv } from '@commissary/platform';
import { DONE, type Handlers } from '@commissary/queue';
import { CapacitySampler } from '../capacity/capacity-sampler.js';
import { PurchaseDigests } from '../digests/purchase-digests.js';
import { OperationRunner } from '../operations/operation-runner.js';
import { QueueHost } from '../queue-host.js';
import { LOGGER, WORKER_ENV } from '../tokens.js';
import { LifecycleSweep } from './lifecycle-sweep.js';
import { RenewalHandler } from './renewal.handler.js';

/** Nobody waits for a renewal: few at once, so that they take no card provider's time from who buys. */
const CONCURRENCY = 8;

@Injectable()
export class RenewalsProcessor extends QueueHost<'renewals'> {
  constructor(
    runner: OperationRunner,
    handler: RenewalHandler,
    lifecycle: LifecycleSweep,
    capacity: CapacitySampler,
    digests: PurchaseDigests,
    @Inject(WORKER_ENV) env: WorkerEnv,
    @Inject(LOGGER) logger: Logger,
  ) {
    const handlers: Handlers<'renewals'> = {
      'renewal.run': (job) => runner.handle(handler, job),
      'lifecycle.sweep': async () => {
        capacity.begin();
        await lifecycle.sweep();
        await digests.sweep();
        return DONE;
      },
    };
    super('renewals', CONCURRENCY, handlers, env, logger);
  }
}
