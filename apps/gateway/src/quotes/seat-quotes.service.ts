import { Injectable } from '@nestjs/common';
import type { SeatQuoteBody } from '@commissary/contracts';
import { type Money, notFound, type Product, QUOTE_MINUTES, unitPriceOf } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { checkSeatChange, priceAddedSeats } from '@commissary/policies';
import {
  BuyerFactsReader,
  type QuoteDocument,
  type SubscriptionDocument,
  SubscriptionsRepository,
} from '@commissary/store';
import { requireEligible } from '../catalog/require-eligible.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import { requireNoOpenBill } from '../subscriptions/open-bill.js';
import { isPurchaser } from '../subscriptions/subscription-access.js';

/** What more seats of a subscription cost until the end of its term. [OWN-2] */
@Injectable()
export class SeatQuotesService {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly buyers: BuyerFactsReader,
  ) {}

  /**
   * Throws `not_found` for another's subscription, `not_eligible`, `illegal_state`, and `invalid_request` for fewer seats, which are
   * not bought.
   */
  async price(ctx: RequestContext, body: SeatQuoteBody, now: Date): Promise<QuoteDocument> {
    const subscription = await this.subscriptions.get(ctx.tenantId, body.subscriptionId);
    if (!isPurchaser(ctx, subscription)) throw notFound();
    const added = seatsAdded(subscription, body.total, now);
    const factsOf = await this.buyers.about(ctx.tenant, ctx.user, 'purchase');
    const product = requireEligible(factsOf(subscription.productId), 'purchase', now);
    const unitPrice = priceInForce(ctx, subscription, product, now);
    const { termStartedAt: start, expiresAt: end } = subscription;
    return {
      _id: newId('quo'),
      tenantId: ctx.tenantId,
      userId: ctx.user._id,
      productId: subscription.productId,
      productName: subscription.productName,
      offer: 'purchase',
      quantity: added,
      term: subscription.term,
      unitPrice,
      total: priceAddedSeats(unitPrice, added, { start, end }, now),
      renewsAt: subscription.renewsAt,
      seatChange: { subscriptionId: subscription._id, seats: body.total },
      createdAt: now,
      expiresAt: new Date(now.getTime() + QUOTE_MINUTES * 60_000),
      operationId: null,
    };
  }
}

const seatsAdded = (subscription: SubscriptionDocument, total: number, now: Date): number => {
  requireNoOpenBill(subscription);
  if (total < subscription.seats.purchased) throw fewer();
  const verdict = checkSeatChange(subscription, { total, effective: 'now' }, now);
  if (verdict.kind !== 'more') throw fewer();
  return verdict.added;
};

/** In the currency of the seats that are there: what one subscription costs is one sum. */
const priceInForce = (
  { tenant }: RequestContext,
  { term, unitPrice }: SubscriptionDocument,
  product: Product,
  now: Date,
): Money => {
  const { billingCountry } = tenant;
  const price = term && unitPriceOf(product, 'selfService', billingCountry, term, now);
  if (price?.currency === unitPrice.currency) return price;
  const detail = `No more seats for ${term ?? 'this term'} are sold in ${billingCountry} in ${unitPrice.currency}.`;
  throw invalidRequest('/subscriptionId', 'sold', detail);
};

const fewer = () =>
  invalidRequest('/total', 'more', 'A quote is for more seats; fewer are asked for without one.');
