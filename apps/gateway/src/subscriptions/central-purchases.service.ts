import { Injectable } from '@nestjs/common';
import type { NewSubscriptionBody, SubscriptionView } from '@commissary/contracts';
import { newLife, type Product } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { priceQuote, type PricedQuote, subscriptionPeriod } from '@commissary/policies';
import {
  CatalogRepository,
  Database,
  type OrderDocument,
  OrdersRepository,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
  type NewEventOf,
  recordChange,
  subscriptionSearchKeys,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import { auditOf } from '../http/change-record.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { subscriptionView } from './subscription.view.js';

interface Contract {
  product: Product;
  priced: PricedQuote;
}

/** Central subscriptions: recorded at the contract price, not charged by card, and no policy is asked. [ADM-6] */
@Injectable()
export class CentralPurchasesService {
  constructor(
    private readonly database: Database,
    private readonly catalog: CatalogRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly orders: OrdersRepository,
    private readonly accepts: AcceptService,
  ) {}

  /** Throws `invalid_request` for an unknown product and for a term it is not sold for in the tenant's market. */
  create(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    body: NewSubscriptionBody,
  ): Promise<Answer<SubscriptionView>> {
    return this.accepts.create(
      keyed,
      body,
      (session, now, contract: Contract) => this.record(ctx, session, now, contract),
      (now) => this.price(ctx, body, now),
    );
  }

  private async price(ctx: RequestContext, body: NewSubscriptionBody, now: Date): Promise<Contract> {
    const product = (await this.catalog.current()).productById.get(body.productId);
    if (!product) throw invalidRequest('/productId', 'known', 'There is no such product.');
    const market = ctx.tenant.billingCountry;
    const { quantity, term } = body;
    const asked = { product, offer: 'purchase', quantity, term, market, channel: 'central' } as const;
    return { product, priced: priceQuote(asked, now) };
  }

  private async record(ctx: RequestContext, session: Session, now: Date, contract: Contract) {
    const subscription = subscriptionOf(ctx, contract, now);
    await this.subscriptions.insert(session, subscription);
    await this.orders.insertOrder(session, orderOf(ctx, subscription, now));
    const { productId, seats, term, unitPrice } = subscription;
    const made = { productId, seats: seats.purchased, term, unitPrice };
    const audit = auditOf(ctx, {
      action: 'subscription.created',
      subject: { type: 'subscription', id: subscription._id },
      before: null,
      after: { origin: 'central', ...made },
    });
    const event: NewEventOf<'subscription.created'> = {
      tenantId: ctx.tenantId,
      type: 'subscription.created',
      subjectId: subscription._id,
      operationId: null,
      data: { origin: 'central', ...made },
    };
    await recordChange(this.database, session, now, { events: [event], audit: [audit] });
    const body = subscriptionView(subscription, null, ctx.user._id);
    return { id: subscription._id, body, location: `/v1/subscriptions/${subscription._id}` };
  }
}

/** It runs for its term; a contract is prolonged by recording it again, not by a charge. */
const subscriptionOf = (
  ctx: RequestContext,
  { product, priced }: Contract,
  now: Date,
): SubscriptionDocument => ({
  _id: newId('sub'),
  tenantId: ctx.tenantId,
  productId: product.productId,
  productName: product.productName,
  origin: 'central',
  purchaserId: null,
  searchKeys: subscriptionSearchKeys(product.productName, null),
  seats: { purchased: priced.quantity, assigned: 0, reservations: [] },
  unitPrice: priced.unitPrice,
  purchasePrice: priced.total,
  term: priced.term,
  ...newLife({ isTrial: false, autoRenew: false, expiresAt: subscriptionPeriod(priced, now).expiresAt }, now),
  paymentMethodId: null,
  operationId: null,
  version: 1,
});

const orderOf = (ctx: RequestContext, subscription: SubscriptionDocument, now: Date): OrderDocument => ({
  _id: newId('ord'),
  tenantId: ctx.tenantId,
  userId: ctx.user._id,
  kind: 'purchase',
  operationId: null,
  quoteId: null,
  subscriptionId: subscription._id,
  productId: subscription.productId,
  productName: subscription.productName,
  channel: 'central',
  offer: 'purchase',
  quantity: subscription.seats.purchased,
  term: subscription.term,
  unitPrice: subscription.unitPrice,
  total: subscription.purchasePrice,
  period: null,
  status: 'recorded',
  failure: null,
  createdAt: now,
  settledAt: now,
});
