import { Module } from '@nestjs/common';
import { QuotesRepository } from '@commissary/store';
import { CatalogModule } from '../catalog/catalog.module.js';
import { provideRepository } from '../connections/connections.module.js';
import { QuotesController } from './quotes.controller.js';
import { QuotesService } from './quotes.service.js';
import { SeatQuotesService } from './seat-quotes.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [QuotesController],
  providers: [provideRepository(QuotesRepository), QuotesService, SeatQuotesService],
})
export class QuotesModule {}
