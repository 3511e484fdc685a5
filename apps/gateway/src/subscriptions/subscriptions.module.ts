import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { CentralPurchasesService } from './central-purchases.service.js';
import { SeatChangesService } from './seat-changes.service.js';
import { SubscriptionChangesService } from './subscription-changes.service.js';
import { SubscriptionReader } from './subscription-reader.service.js';
import { SubscriptionsController } from './subscriptions.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [SubscriptionsController],
  providers: [SubscriptionReader, CentralPurchasesService, SeatChangesService, SubscriptionChangesService],
})
export class SubscriptionsModule {}
