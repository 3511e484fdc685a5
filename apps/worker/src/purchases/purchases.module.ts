import { Module } from '@nestjs/common';
import { OperationsModule } from '../operations/operations.module.js';
import { SeatChangeFactsReader } from '../seat-changes/seat-change-facts.js';
import { SeatChangeHandler } from '../seat-changes/seat-change.handler.js';
import { SeatChangeSettlement } from '../seat-changes/seat-change-settlement.js';
import { PurchaseFactsReader } from './purchase-facts.js';
import { PurchaseSettlement } from './purchase-settlement.js';
import { PurchaseHandler } from './purchase.handler.js';
import { PurchasesProcessor } from './purchases.processor.js';

@Module({
  imports: [OperationsModule],
  providers: [
    PurchaseFactsReader,
    PurchaseSettlement,
    PurchaseHandler,
    PurchasesProcessor,
    SeatChangeFactsReader,
    SeatChangeSettlement,
    SeatChangeHandler,
  ],
})
export class PurchasesModule {}
