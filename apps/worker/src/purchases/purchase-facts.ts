import { Injectable } from '@nestjs/common';
import {
  BatchedReads,
  BatchedTenantReads,
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
  /** Users who are told of each purchase. [ADM-8] */
  admins: string[];
}

@Injectable()
export class PurchaseFactsReader {
  private readonly methods: BatchedTenantReads<PaymentMethodDocument>;
  /** By tenant; all who ask at once want the same. */
  private readonly admins: BatchedReads<string[]>;

  constructor(
    database: Database,
    private readonly orders: OrdersRepository,
    private readonly buyers: BuyerFactsReader,
  ) {
    const { paymentMethods, users } = database.models;
    this.methods = new BatchedTenantReads((ids, tenantIds) =>
      paymentMethods.find({ _id: { $in: ids }, tenantId: { $in: tenantIds } }).lean(),
    );
    this.admins = new BatchedReads(async (tenantIds) => {
      const rows = await users
        .find(
          {
            tenantId: { $in: tenantIds },
            roles: { $in: ['globalAdmin', 'billingAdmin'] },
            state: 'active',
          },
          { _id: 1, tenantId: 1 },
        )
        .lean();
      const idsIn = (tenantId: string) =>
        rows.filter((row) => row.tenantId === tenantId).map((row) => row._id);
      return new Map(tenantIds.map((tenantId) => [tenantId, idsIn(tenantId)]));
    });
  }

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
      paymentMethodId === null ? null : this.methods.get(tenantId, paymentMethodId),
      step === null ? null : this.orders.payment(tenantId, paymentId),
      this.admins.get(tenantId),
    ]);
    if (!quote) throw new Error(`${_id} has lost its quote`);
    if (!factsOf) throw new Error(`${_id} has lost its buyer`);
    return { quote, buyer: factsOf(quote.productId), method, payment, admins: admins ?? [] };
  }
}
