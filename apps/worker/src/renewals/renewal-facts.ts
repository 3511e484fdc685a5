import { Injectable } from '@nestjs/common';
import { type Product } from '@commissary/domain';
import {
  CatalogRepository,
  type OperationOf,
  OrdersRepository,
  type OrderDocument,
  type PaymentDocument,
  type PaymentMethodDocument,
  PaymentMethodsRepository,
  type SubscriptionDocument,
  SubscriptionsRepository,
  TenantsRepository,
  UsersRepository,
} from '@commissary/store';

/** Everything a run of a renewal looks at, read afresh at its start; the subscription is under its lock. */
export interface RenewalFacts {
  subscription: SubscriptionDocument;
  /** Null if it is sold no more. */
  product: Product | null;
  /** ISO 3166-1 alpha-2. */
  market: string;
  method: PaymentMethodDocument | null;
  /** The order that an attempt before this one placed. */
  order: OrderDocument | null;
  /** What an earlier run of this attempt has begun to charge. */
  payment: PaymentDocument | null;
  /** Who is told: the purchaser, or the admins once the purchaser has left; both while that one is disabled. [SUB-2] */
  recipients: string[];
}

@Injectable()
export class RenewalFactsReader {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly catalog: CatalogRepository,
    private readonly tenants: TenantsRepository,
    private readonly users: UsersRepository,
    private readonly orders: OrdersRepository,
    private readonly methods: PaymentMethodsRepository,
  ) {}

  async read({
    _id,
    tenantId,
    subscriptionId,
    request,
    step,
  }: OperationOf<'renewal'>): Promise<RenewalFacts> {
    if (subscriptionId === null) throw new Error(`${_id} names no subscription`);
    const subscription = await this.subscriptions.get(tenantId, subscriptionId);
    const { purchaserId, productId } = subscription;
    const [catalog, tenant, method, order, payment, recipients] = await Promise.all([
      this.catalog.current(),
      this.tenants.find(tenantId),
      this.methods.find(tenantId, request.paymentMethodId),
      this.orders.find(tenantId, request.orderId),
      step === null ? null : this.orders.payment(tenantId, request.paymentId),
      this.users.answerableFor(tenantId, purchaserId),
    ]);
    if (!tenant) throw new Error(`${_id} has lost its tenant`);
    return {
      subscription,
      product: catalog.productById.get(productId) ?? null,
      market: tenant.billingCountry,
      method,
      order,
      payment,
      recipients,
    };
  }
}
