import { Injectable } from '@nestjs/common';
import {
  BuyerFactsReader,
  type BuyerFacts,
  OrdersRepository,
  type OperationOf,
  type PaymentDocument,
  type PaymentMethodDocument,
  PaymentMethodsRepository,
  type QuoteDocument,
  UsersRepository,
} from '@commissary/store';

/** Everything a run of a purchase looks at, read afresh at its start. */
export interface PurchaseFacts {
  quote: QuoteDocument;
  buyer: BuyerFacts;
  /** Null for a trial that asks for no card. */
  method: PaymentMethodDocument | null;
  /** What an earlier run has begun to charge. */
  payment: PaymentDocument | null;
  /** Users who are told of each purchase. [ADM-8] */
  admins: string[];
}

@Injectable()
export class PurchaseFactsReader {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly buyers: BuyerFactsReader,
    private readonly methods: PaymentMethodsRepository,
    private readonly users: UsersRepository,
  ) {}

  async read({ _id, tenantId, requestedBy, request, step }: OperationOf<'purchase'>): Promise<PurchaseFacts> {
    const { quoteId, paymentMethodId, paymentId } = request;
    const quoted = this.orders.quoteHeldBy(tenantId, quoteId, _id);
    const [quote, factsOf, method, payment, admins] = await Promise.all([
      quoted,
      this.buyers.read(
        tenantId,
        requestedBy.userId,
        quoted.then((found) => found?.offer),
      ),
      paymentMethodId === null ? null : this.methods.find(tenantId, paymentMethodId),
      step === null ? null : this.orders.payment(tenantId, paymentId),
      this.users.adminsOf(tenantId),
    ]);
    if (!quote) throw new Error(`${_id} has lost its quote`);
    if (!factsOf) throw new Error(`${_id} has lost its buyer`);
    return { quote, buyer: factsOf(quote.productId), method, payment, admins };
  }
}
