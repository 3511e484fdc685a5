import { Module } from '@nestjs/common';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { PurchaseFactsReader } from './purchase-facts.js';
import { PurchaseSettlement } from './purchase-settlement.js';
import { PurchaseHandler } from './purchase.handler.js';
import { PurchasesProcessor } from './purchases.processor.js';

@Module({
  providers: [PurchaseFactsReader, PurchaseSettlement, PurchaseHandler, MailWakeUp, PurchasesProcessor],
})
export class PurchasesModule {}
