import { Module } from '@nestjs/common';
import { Charging } from '../charging/charging.js';
import { MailWakeUp } from '../notifications/mail-wake-up.js';
import { HeldSubscriptions } from '../operations/held-subscriptions.js';
import { Refunds } from '../refunds/refunds.js';
import { SeatChangeFactsReader } from '../seat-changes/seat-change-facts.js';
import { SeatChangeHandler } from '../seat-changes/seat-change.handler.js';
import { SeatChangeSettlement } from '../seat-changes/seat-change-settlement.js';
import { PurchaseFactsReader } from './purchase-facts.js';
import { PurchaseSettlement } from './purchase-settlement.js';
import { PurchaseHandler } from './purchase.handler.js';
import { PurchasesProcessor } from './purchases.processor.js';

@Module({
  providers: [
    Charging,
    HeldSubscriptions,
    PurchaseFactsReader,
    PurchaseSettlement,
    PurchaseHandler,
    MailWakeUp,
    PurchasesProcessor,
    Refunds,
    SeatChangeFactsReader,
    SeatChangeSettlement,
    SeatChangeHandler,
  ],
})
export class PurchasesModule {}
