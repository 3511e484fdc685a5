import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { StripeWebhooksController } from './stripe-webhooks.controller.js';
import { StripeWebhooksService } from './stripe-webhooks.service.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [StripeWebhooksController],
  providers: [StripeWebhooksService],
})
export class ProviderWebhooksModule {}
