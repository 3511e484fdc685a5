import { Module } from '@nestjs/common';
import { Charging } from '../charging/charging.js';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { Refunds } from '../refunds/refunds.js';
import { RepositoriesModule } from '../repositories.module.js';
import { Authority } from './authority.js';
import { BulkWorkThrottle } from './bulk-work-throttle.js';
import { HeldSubscriptions } from './held-subscriptions.js';
import { OperationRunner } from './operation-runner.js';

/** What the handlers of several queues share, each once in a process; their repositories come with it. */
@Module({
  imports: [RepositoriesModule],
  providers: [Authority, BulkWorkThrottle, Charging, HeldSubscriptions, MailWakeUp, OperationRunner, Refunds],
  exports: [
    RepositoriesModule,
    Authority,
    BulkWorkThrottle,
    Charging,
    HeldSubscriptions,
    MailWakeUp,
    OperationRunner,
    Refunds,
  ],
})
export class OperationsModule {}
