import { Module } from '@nestjs/common';
import { OrderHistoryRepository, PaymentMethodsRepository, QuotesRepository } from '@commissary/store';
import { CatalogModule } from '../catalog/catalog.module.js';
import { provideRepository } from '../connections/connections.module.js';
import { CentralPurchasesService } from './central-purchases.service.js';
import { SeatChangesService } from './seat-changes.service.js';
import { SubscriptionChangesService } from './subscription-changes.service.js';
import { SubscriptionReader } from './subscription-reader.service.js';
import { SubscriptionsController } from './subscriptions.controller.js';

@Module({
  imports: [CatalogModule],
  controllers: [SubscriptionsController],
  providers: [
    provideRepository(OrderHistoryRepository),
    provideRepository(PaymentMethodsRepository),
    provideRepository(QuotesRepository),
    SubscriptionReader,
    CentralPurchasesService,
    SeatChangesService,
    SubscriptionChangesService,
  ],
})
export class SubscriptionsModule {}
