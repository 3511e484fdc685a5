import { Module } from '@nestjs/common';
import { InvoicesRepository, PaymentMethodsRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { InvoicePayments } from './invoice-payments.service.js';
import { InvoicesController } from './invoices.controller.js';

@Module({
  controllers: [InvoicesController],
  providers: [
    provideRepository(InvoicesRepository),
    provideRepository(PaymentMethodsRepository),
    InvoicePayments,
  ],
})
export class InvoicesModule {}
