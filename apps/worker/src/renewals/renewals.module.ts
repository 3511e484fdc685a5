import { Module } from '@nestjs/common';
import { CapacitySampler } from '../capacity/capacity-sampler.js';
import { Charging } from '../charging/charging.js';
import { PurchaseDigests } from '../digests/purchase-digests.js';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { HeldSubscriptions } from '../operations/held-subscriptions.js';
import { LifecycleSteps } from './lifecycle-steps.js';
import { LifecycleSweep } from './lifecycle-sweep.js';
import { RenewalFactsReader } from './renewal-facts.js';
import { RenewalHandler } from './renewal.handler.js';
import { RenewalSettlement } from './renewal-settlement.js';
import { RenewalsProcessor } from './renewals.processor.js';

@Module({
  providers: [
    CapacitySampler,
    Charging,
    HeldSubscriptions,
    LifecycleSteps,
    LifecycleSweep,
    MailWakeUp,
    PurchaseDigests,
    RenewalFactsReader,
    RenewalSettlement,
    RenewalHandler,
    RenewalsProcessor,
  ],
})
export class RenewalsModule {}
