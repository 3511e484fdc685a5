import { Module } from '@nestjs/common';
import { CapacitySampler } from '../capacity/capacity-sampler.js';
import { PurchaseDigests } from '../digests/purchase-digests.js';
import { OperationsModule } from '../operations/operations.module.js';
import { LifecycleSteps } from './lifecycle-steps.js';
import { LifecycleSweep } from './lifecycle-sweep.js';
import { RenewalFactsReader } from './renewal-facts.js';
import { RenewalHandler } from './renewal.handler.js';
import { RenewalSettlement } from './renewal-settlement.js';
import { RenewalsProcessor } from './renewals.processor.js';

@Module({
  imports: [OperationsModule],
  providers: [
    CapacitySampler,
    LifecycleSteps,
    LifecycleSweep,
    PurchaseDigests,
    RenewalFactsReader,
    RenewalSettlement,
    RenewalHandler,
    RenewalsProcessor,
  ],
})
export class RenewalsModule {}
