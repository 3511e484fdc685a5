import { Module } from '@nestjs/common';
import { Refunds } from '../refunds/refunds.js';
import { CancelSubscriptionHandler } from './cancel-subscription.handler.js';
import { CancellationsProcessor } from './cancellations.processor.js';

@Module({ providers: [CancelSubscriptionHandler, Refunds, CancellationsProcessor] })
export class CancellationsModule {}
