import { Module } from '@nestjs/common';
import { InvoicesRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { InvoicesController } from './invoices.controller.js';

@Module({ controllers: [InvoicesController], providers: [provideRepository(InvoicesRepository)] })
export class InvoicesModule {}
