import { Module } from '@nestjs/common';
import { PaymentMethodsRepository, QuotesRepository } from '@commissary/store';
import { CatalogModule } from '../catalog/catalog.module.js';
import { provideRepository } from '../connections/connections.module.js';
import { PurchasesController } from './purchases.controller.js';
import { PurchasesService } from './purchases.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [PurchasesController],
  providers: [
    provideRepository(QuotesRepository),
    provideRepository(PaymentMethodsRepository),
    PurchasesService,
  ],
})
export class PurchasesModule {}
