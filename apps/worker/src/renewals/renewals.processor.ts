import { Processor } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Logger } from '@commissary/platform';
import { DONE, type Handlers, QueueProcessor, WORKER_OPTIONS } from '@commissary/queue';
import { CapacitySampler } from '../capacity/capacity-sampler.js';
import { PurchaseDigests } from '../digests/purchase-digests.js';
import { OperationRunner } from '../operations/operation-runner.js';
import { LOGGER } from '../tokens.js';
import { LifecycleSweep } from './lifecycle-sweep.js';
import { RenewalHandler } from './renewal.handler.js';

/** Nobody waits for a renewal: few at once, so that they take no card provider's time from who buys. */
const CONCURRENCY = 8;

@Processor('renewals', { ...WORKER_OPTIONS, concurrency: CONCURRENCY })
export class RenewalsProcessor extends QueueProcessor<'renewals'> {
  protected readonly handlers: Handlers<'renewals'>;

  constructor(
    runner: OperationRunner,
    handler: RenewalHandler,
    lifecycle: LifecycleSweep,
    capacity: CapacitySampler,
    digests: PurchaseDigests,
    @Inject(LOGGER) logger: Logger,
  ) {
    super(logger);
    this.handlers = {
      'renewal.run': (job) => runner.handle(handler, job),
      'lifecycle.sweep': async () => {
        capacity.begin();
        await lifecycle.sweep();
        await digests.sweep();
        return DONE;
      },
    };
  }
}
