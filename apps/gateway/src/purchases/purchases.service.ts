import { Injectable } from '@nestjs/common';
import type { NewPurchaseBody, OperationView } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { needsPaymentMethod } from '@commissary/policies';
import {
  BuyerFactsReader,
  type OperationDocument,
  OperationsRepository,
  PaymentMethodsRepository,
  type QuoteDocument,
  QuotesRepository,
  type Session,
  KeyedMutex,
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

@Injectable()
export class PurchasesService {
  private readonly mutex = new KeyedMutex();

  constructor(
    private readonly quotes: QuotesRepository,
    private readonly methods: PaymentMethodsRepository,
    private readonly buyers: BuyerFactsReader,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * Accepts the purchase of a quote. [BUY-2..4, BUY-8]
   * Throws `not_found` for a quote or card that is not the caller's, `quote_expired`, `quote_used`, `not_eligible`, and
   * `invalid_request` for a quote of more seats, and for a card that has expired, is missing, or given for a trial that asks for none.
   */
  accept(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    body: NewPurchaseBody,
  ): Promise<Answer<OperationView>> {
    // One buyer's purchases all write the same card.
    return this.mutex.runExclusive(ctx.user._id, () =>
      this.accepts.accept(ctx, keyed, body, (session, now) => this.build(ctx, body, session, now)),
    );
  }

  /** The rules are asked again here, and once more by the worker before it charges. [ELG-5] */
  private async requireRules(ctx: RequestContext, quote: QuoteDocument, card: string | null, now: Date) {
    const factsOf = await this.buyers.about(ctx.tenant, ctx.user, quote.offer);
    const product = requireEligible(factsOf(quote.productId), quote.offer, now);
    const isAsked = needsPaymentMethod(quote.offer, product.trial);
    if (isAsked && card === null) throw cardMissing();
    if (!isAsked && card !== null) throw cardNotAsked();
  }

  private async build(
    ctx: RequestContext,
    body: NewPurchaseBody,
    session: Session,
    now: Date,
  ): Promise<OperationDocument> {
    const operationId = newId('op');
    const paymentMethodId = body.paymentMethodId ?? null;
    const claim = { quoteId: body.quoteId, operationId };
    const quote = await claimQuote(this.quotes, ctx, session, claim, now);
    if (quote.seatChange) throw quoteOfSeats();
    await this.requireRules(ctx, quote, paymentMethodId, now);
    if (paymentMethodId !== null) {
      await useCard(this.methods, ctx, session, paymentMethodId, now);
    }
    return OperationsRepository.newDocument(
      {
        id: operationId,
        tenantId: ctx.tenantId,
        type: 'purchase',
        subscriptionId: null,
        request: {
          quoteId: body.quoteId,
          paymentMethodId,
          orderId: newId('ord'),
          paymentId: newId('pay'),
          subscriptionId: newId('sub'),
        },
        ...requestOrigin(ctx),
        total: 1,
      },
      now,
    );
  }
}

const quoteOfSeats = (): DomainError =>
  invalidRequest(
    '/quoteId',
    'purchase',
    'This quote is for more seats of a subscription; change its seats by it.',
  );

const cardMissing = (): DomainError =>
  invalidRequest('/paymentMethodId', 'required', 'Choose the card that pays for it.');

const cardNotAsked = (): DomainError =>
  invalidRequest('/paymentMethodId', 'not_asked', 'This trial asks for no card; leave it out.');
