import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { QuotesController } from './quotes.controller.js';
import { QuotesService } from './quotes.service.js';
import { SeatQuotesService } from './seat-quotes.service.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [QuotesController],
  providers: [QuotesService, SeatQuotesService],
})
export class QuotesModule {}
