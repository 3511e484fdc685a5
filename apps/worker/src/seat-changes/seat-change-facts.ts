import { Injectable } from '@nestjs/common';
import {
  BuyerFactsReader,
  type BuyerFacts,
  type OperationOf,
  OrdersRepository,
  type PaymentDocument,
  type PaymentMethodDocument,
  PaymentMethodsRepository,
  type QuoteDocument,
  type SubscriptionDocument,
  SubscriptionsRepository,
  UsersRepository,
} from '@commissary/store';

/** Everything a run of a seat change looks at, read afresh at its start; the subscription is under its lock. */
export interface SeatChangeFacts {
  subscription: SubscriptionDocument;
  /** Null for fewer seats, and for a contract's. */
  quote: QuoteDocument | null;
  /** Whoever asked; null if the account is gone. */
  buyer: BuyerFacts | null;
  method: PaymentMethodDocument | null;
  /** What an earlier run has begun to charge. */
  payment: PaymentDocument | null;
  /** Told of each purchase. [ADM-8] */
  admins: string[];
}

@Injectable()
export class SeatChangeFactsReader {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly orders: OrdersRepository,
    private readonly buyers: BuyerFactsReader,
    private readonly users: UsersRepository,
    private readonly methods: PaymentMethodsRepository,
  ) {}

  async read(operation: OperationOf<'seatChange'>): Promise<SeatChangeFacts> {
    const { _id, tenantId, subscriptionId, request, requestedBy, step } = operation;
    if (subscriptionId === null) throw new Error(`${_id} names no subscription`);
    const { quoteId, paymentMethodId, paymentId } = request;
    const [subscription, quote, factsOf, method, payment, admins] = await Promise.all([
      this.subscriptions.get(tenantId, subscriptionId),
      quoteId === null ? null : this.orders.quoteHeldBy(tenantId, quoteId, _id),
      this.buyers.read(tenantId, requestedBy.userId, 'purchase'),
      paymentMethodId === null ? null : this.methods.find(tenantId, paymentMethodId),
      step === null ? null : this.orders.payment(tenantId, paymentId),
      this.users.adminsOf(tenantId),
    ]);
    if (quoteId !== null && !quote) throw new Error(`${_id} has lost its quote`);
    const buyer = factsOf && factsOf(subscription.productId);
    return { subscription, quote, buyer, method, payment, admins };
  }
}
