import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { InvoicePayments } from './invoice-payments.service.js';
import { InvoicesController } from './invoices.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [InvoicesController],
  providers: [InvoicePayments],
})
export class InvoicesModule {}
