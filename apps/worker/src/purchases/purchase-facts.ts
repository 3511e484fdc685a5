import { Injectable } from '@nestjs/common';
import {
  BuyerFactsReader,
  type BuyerFacts,
  Database,
  OrdersRepository,
  type OperationOf,
  type PaymentDocument,
  type PaymentMethodDocument,
  type QuoteDocument,
} from '@commissary/store';

/** Everything a run of a purchase looks at, read afresh at its start. */
export interface PurchaseFacts {
  quote: QuoteDocument;
  buyer: BuyerFacts;
  /** Null for a trial that asks for no card. */
  method: PaymentMethodDocument | null;
  /** What an earlier run has begun to charge. */
  payment: PaymentDocument | null;
}

@Injectable()
export class PurchaseFactsReader {
  constructor(
    private readonly database: Database,
    private readonly orders: OrdersRepository,
    private readonly buyers: BuyerFactsReader,
  ) {}

  async read({ _id, tenantId, requestedBy, request, step }: OperationOf<'purchase'>): Promise<PurchaseFacts> {
    const quote = await this.orders.quoteHeldBy(tenantId, request.quoteId, _id);
    if (!quote) throw new Error(`${_id} has lost its quote`);
    const [factsOf, method, payment] = await Promise.all([
      this.buyers.read(tenantId, requestedBy.userId, quote.offer),
      this.method(tenantId, request.paymentMethodId),
      step === null ? null : this.orders.payment(tenantId, request.paymentId),
    ]);
    if (!factsOf) throw new Error(`${_id} has lost its buyer`);
    return { quote, buyer: factsOf(quote.productId), method, payment };
  }

  private async method(tenantId: string, methodId: string | null): Promise<PaymentMethodDocument | null> {
    return methodId === null
      ? null
      : this.database.collections.paymentMethods.findOne({ _id: methodId, tenantId });
  }
}
