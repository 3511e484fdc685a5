import { Injectable } from '@nestjs/common';
import type { NewQuoteBody, PurchaseQuoteBody, QuoteView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import { priceQuote } from '@commissary/policies';
import {
  BuyerFactsReader,
  Database,
  type QuoteDocument,
  QuotesRepository,
  recordChange,
} from '@commissary/store';
import { requireEligible } from '../catalog/require-eligible.js';
import type { Answer } from '../http/answer.js';
import { auditOf } from '../http/change-record.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { quoteView } from './quote.view.js';
import { SeatQuotesService } from './seat-quotes.service.js';

@Injectable()
export class QuotesService {
  constructor(
    private readonly database: Database,
    private readonly quotes: QuotesRepository,
    private readonly buyers: BuyerFactsReader,
    private readonly seats: SeatQuotesService,
    private readonly accepts: AcceptService,
  ) {}

  /**
   * A price that binds for 30 minutes, of a purchase or of more seats. [BUY-2, OWN-2]
   * Throws `not_eligible`, and `invalid_request` for what is not sold so; for more seats `not_found` and `illegal_state` too.
   */
  create(ctx: RequestContext, keyed: IdempotentRequest, body: NewQuoteBody): Promise<Answer<QuoteView>> {
    return this.accepts.create(
      keyed,
      body,
      async (session, _now, quote: QuoteDocument) => {
        await this.quotes.insert(session, quote);
        const { productId, offer, quantity, term, total, seatChange } = quote;
        const audit = auditOf(ctx, {
          action: 'quote.created',
          subject: { type: 'quote', id: quote._id },
          before: null,
          after: { productId, offer, quantity, term, total, ...seatChange },
        });
        await recordChange(this.database, session, quote.createdAt, { audit: [audit] });
        return { id: quote._id, body: quoteView(quote) };
      },
      (now) => ('subscriptionId' in body ? this.seats.price(ctx, body, now) : this.price(ctx, body, now)),
    );
  }

  private async price(ctx: RequestContext, body: PurchaseQuoteBody, now: Date): Promise<QuoteDocument> {
    const factsOf = await this.buyers.about(ctx.tenant, ctx.user, body.offer);
    const product = requireEligible(factsOf(body.productId), body.offer, now);
    const priced = priceQuote(
      {
        product,
        offer: body.offer,
        quantity: body.quantity,
        term: body.term ?? null,
        market: ctx.tenant.billingCountry,
        channel: 'selfService',
      },
      now,
    );
    return {
      _id: newId('quo'),
      tenantId: ctx.tenantId,
      userId: ctx.user._id,
      productId: product.productId,
      productName: product.productName,
      offer: priced.offer,
      quantity: priced.quantity,
      term: priced.term,
      unitPrice: priced.unitPrice,
      total: priced.total,
      renewsAt: priced.renewsAt,
      seatChange: null,
      createdAt: now,
      expiresAt: priced.expiresAt,
      operationId: null,
    };
  }
}
