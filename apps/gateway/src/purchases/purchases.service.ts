import { Injectable } from '@nestjs/common';
import type { NewPurchaseBody, OperationView } from '@commissary/contracts';
import { DomainError } from '@commissary/domain';
import { newId } from '@commissary/platform';
import { needsPaymentMethod, requireOpenQuote } from '@commissary/policies';
import {
  BuyerFactsReader,
  type OperationDocument,
  OperationsRepository,
  PaymentMethodsRepository,
  type QuoteDocument,
  QuotesRepository,
  type Session,
  Turns,
} from '@commissary/store';
import type { FastifyRequest } from 'fastify';
import { requireEligible } from '../catalog/require-eligible.js';
import type { Answer } from '../http/answer.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import { AcceptService } from '../operations/accept.service.js';
import { requestOrigin } from '../operations/request-origin.js';

@Injectable()
export class PurchasesService {
  private readonly turns = new Turns();

  constructor(
    private readonly quotes: QuotesRepository,
    private readonly methods: PaymentMethodsRepository,
    private readonly buyers: BuyerFactsReader,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * Accepts the purchase of a quote. [BUY-2..4, BUY-8]
   * Throws `not_found` for a quote or card that is not the caller's, `quote_expired`, `quote_used`, `not_eligible`, and
   * `invalid_request` for a card that is missing, or given for a trial that asks for none.
   */
  accept(
    ctx: RequestContext,
    request: FastifyRequest,
    body: NewPurchaseBody,
  ): Promise<Answer<OperationView>> {
    // One buyer's purchases all write the same card.
    return this.turns.take(ctx.user._id, () =>
      this.accepts.accept(ctx, request, body, (session, now) => this.build(ctx, body, session, now)),
    );
  }

  /** The quote, from now on this operation's. */
  private async claimQuote(
    ctx: RequestContext,
    quoteId: string,
    operationId: string,
    session: Session,
    now: Date,
  ): Promise<QuoteDocument> {
    const mine = { _id: quoteId, tenantId: ctx.tenantId, userId: ctx.user._id };
    const claimed = await this.quotes.claim(session, mine, operationId, now);
    if (claimed) return claimed;
    requireOpenQuote(await this.quotes.get(ctx.tenantId, ctx.user._id, quoteId, session), now);
    throw new DomainError('quote_used', 'This quote was used by another purchase.');
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
    const quote = await this.claimQuote(ctx, body.quoteId, operationId, session, now);
    await this.requireRules(ctx, quote, paymentMethodId, now);
    if (paymentMethodId !== null) {
      await this.methods.use(session, ctx.tenantId, ctx.user._id, paymentMethodId, now);
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

const cardMissing = (): DomainError =>
  invalidRequest('/paymentMethodId', 'required', 'Choose the card that pays for it.');

const cardNotAsked = (): DomainError =>
  invalidRequest('/paymentMethodId', 'not_asked', 'This trial asks for no card; leave it out.');
