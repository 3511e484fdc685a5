import { Module } from '@nestjs/common';
import { OrderHistoryRepository } from '@commissary/store';
import { CatalogModule } from '../catalog/catalog.module.js';
import { provideRepository } from '../connections/connections.module.js';
import { CentralPurchasesService } from './central-purchases.service.js';
import { SubscriptionReader } from './subscription-reader.service.js';
import { SubscriptionsController } from './subscriptions.controller.js';

@Module({
  imports: [CatalogModule],
  controllers: [SubscriptionsController],
  providers: [provideRepository(OrderHistoryRepository), SubscriptionReader, CentralPurchasesService],
})
export class SubscriptionsModule {}
