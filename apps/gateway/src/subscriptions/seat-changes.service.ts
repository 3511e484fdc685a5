import { Injectable } from '@nestjs/common';
import type { OperationView, SeatChangeBody } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { checkSeatChange, type SeatChangeVerdict } from '@commissary/policies';
import {
  BuyerFactsReader,
  type OperationDocument,
  OperationsRepository,
  PaymentMethodsRepository,
  type QuoteDocument,
  QuotesRepository,
  type Session,
  type SubscriptionDocument,
  SubscriptionsRepository,
} from '@commissary/store';
import { requireEligible } from '../catalog/require-eligible.js';
import type { Answer } from '../http/answer.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { requestOrigin } from '../operations/request-origin.js';
import { useCard } from '../payment-methods/use-card.js';
import { claimQuote } from '../quotes/claim-quote.js';
import { requireNoOpenBill } from './open-bill.js';
import { requireSeatsManager } from './subscription-access.js';

/** What pays for it: nothing for fewer seats, and for a contract's. */
interface Paying {
  quoteId: string | null;
  paymentMethodId: string | null;
}

interface Asked {
  quote: QuoteDocument | null;
  subscription: SubscriptionDocument;
  body: SeatChangeBody;
}

const NOT_PAID: Paying = { quoteId: null, paymentMethodId: null };

/** More seats of a subscription, a purchase like any other, or fewer. [OWN-2] */
@Injectable()
export class SeatChangesService {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly quotes: QuotesRepository,
    private readonly methods: PaymentMethodsRepository,
    private readonly buyers: BuyerFactsReader,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * Accepts the new total and locks the subscription, which may hold seats for a move all the same. [OWN-2, MOV-2, ADM-6]
   * Throws `not_found`, `takeover_required`, `forbidden`, `operation_in_progress`, what the policy of seat changes throws, and for
   * more seats of the purchaser's what a purchase throws.
   */
  accept(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    subscriptionId: string,
    body: SeatChangeBody,
  ): Promise<Answer<OperationView>> {
    return this.accepts.accept(ctx, keyed, body, (session, now) =>
      this.build(ctx, session, now, { subscriptionId, body }),
    );
  }

  private async build(
    ctx: RequestContext,
    session: Session,
    now: Date,
    { subscriptionId, body }: { subscriptionId: string; body: SeatChangeBody },
  ): Promise<OperationDocument> {
    const { tenantId } = ctx;
    const operationId = newId('op');
    requireSeatsManager(ctx, await this.subscriptions.get(tenantId, subscriptionId, session));
    const lock = { whileReserved: true };
    const subscription = await this.subscriptions.lock(session, tenantId, subscriptionId, operationId, lock);
    const { total: seats, effective } = body;
    requireNoOpenBill(subscription);
    const quote = await this.quoteOf(ctx, session, now, { operationId, subscription, body });
    const verdict = checkSeatChange(subscription, body, now);
    const paying = await this.paying(ctx, session, now, verdict, { quote, subscription, body });
    return OperationsRepository.newDocument(
      {
        id: operationId,
        tenantId,
        type: 'seatChange',
        subscriptionId,
        request: {
          seats,
          seatsBefore: subscription.seats.purchased,
          effective,
          ...paying,
          orderId: newId('ord'),
          paymentId: newId('pay'),
        },
        ...requestOrigin(ctx),
        total: 1,
      },
      now,
    );
  }

  /** Claimed before anything else is said, for whoever sends one twice is told of that. */
  private async quoteOf(
    ctx: RequestContext,
    session: Session,
    now: Date,
    asked: Omit<Asked, 'quote'> & { operationId: string },
  ): Promise<QuoteDocument | null> {
    const { operationId, subscription, body } = asked;
    const isLess = body.total < subscription.seats.purchased;
    if (!body.quoteId || isLess || subscription.origin === 'central') return null;
    return claimQuote(this.quotes, ctx, session, { quoteId: body.quoteId, operationId }, now);
  }

  private async paying(
    ctx: RequestContext,
    session: Session,
    now: Date,
    verdict: SeatChangeVerdict,
    asked: Asked,
  ): Promise<Paying> {
    const { quote, subscription, body } = asked;
    if (verdict.kind !== 'more' || subscription.origin === 'central') {
      if (body.quoteId) throw quoteNotAsked();
      return NOT_PAID;
    }
    if (!quote) throw quoteMissing();
    requireFitting(quote, subscription, body.total);
    const factsOf = await this.buyers.about(ctx.tenant, ctx.user, quote.offer);
    requireEligible(factsOf(quote.productId), quote.offer, now);
    const { paymentMethodId } = subscription;
    if (paymentMethodId === null) throw cardMissing();
    await useCard(this.methods, ctx, session, paymentMethodId, now);
    return { quoteId: quote._id, paymentMethodId };
  }
}

/** A quote is for these seats of this subscription in the term that ran; anything else was priced otherwise. [BUY-2] */
const requireFitting = (
  { seatChange, quantity, createdAt }: QuoteDocument,
  { _id, seats, termStartedAt }: SubscriptionDocument,
  total: number,
): void => {
  if (seatChange?.subscriptionId !== _id) {
    throw invalidRequest(
      '/quoteId',
      'this_subscription',
      'This quote is not for seats of this subscription.',
    );
  }
  if (seatChange.seats !== total) {
    throw invalidRequest('/total', 'quoted', `The quote is for ${seatChange.seats} seats in all.`);
  }
  if (quantity !== total - seats.purchased || createdAt < termStartedAt) {
    throw new DomainError(
      'quote_expired',
      'The subscription has changed since this quote; ask for a new one.',
    );
  }
};

const quoteMissing = (): DomainError =>
  invalidRequest('/quoteId', 'required', 'More seats are bought by a quote; ask for one.');

const quoteNotAsked = (): DomainError =>
  invalidRequest('/quoteId', 'not_asked', 'Nothing is bought by card here; leave the quote out.');

const cardMissing = (): DomainError =>
  invalidRequest('/paymentMethodId', 'required', 'Give the subscription a card that pays for it first.');
