import { Module } from '@nestjs/common';
import { Authority } from '../operations/authority.js';
import { Courtesy } from '../operations/courtesy.js';
import { HeldSubscriptions } from '../operations/held-subscriptions.js';
import { Refunds } from '../refunds/refunds.js';
import { CancelSubscriptionHandler } from './cancel-subscription.handler.js';
import { CancellationsProcessor } from './cancellations.processor.js';
import { LicenseSweep } from './license-sweep.js';

@Module({
  providers: [
    CancelSubscriptionHandler,
    LicenseSweep,
    Authority,
    Courtesy,
    HeldSubscriptions,
    Refunds,
    CancellationsProcessor,
  ],
})
export class CancellationsModule {}
