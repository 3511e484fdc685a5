import { Module } from '@nestjs/common';
import { OperationsModule } from '../operations/operations.module.js';
import { CancelSubscriptionHandler } from './cancel-subscription.handler.js';
import { CancellationsProcessor } from './cancellations.processor.js';
import { LicenseSweep } from './license-sweep.js';

@Module({
  imports: [OperationsModule],
  providers: [CancelSubscriptionHandler, LicenseSweep, CancellationsProcessor],
})
export class CancellationsModule {}
