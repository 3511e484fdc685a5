import { Module } from '@nestjs/common';
import { PaymentWakeUps } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { StripeWebhooksController } from './stripe-webhooks.controller.js';
import { StripeWebhooksService } from './stripe-webhooks.service.js';

@Module({
  controllers: [StripeWebhooksController],
  providers: [provideRepository(PaymentWakeUps), StripeWebhooksService],
})
export class ProviderWebhooksModule {}
