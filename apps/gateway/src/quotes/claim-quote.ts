import { DomainError } from '@commissary/domain';
import { requireOpenQuote } from '@commissary/policies';
import type { QuoteDocument, QuotesRepository, Session } from '@commissary/store';
import type { RequestContext } from '../http/request-context.js';

/** The caller's quote, from now on this operation's. Throws `not_found`, `quote_used` and `quote_expired`. [BUY-2] */
export const claimQuote = async (
  quotes: QuotesRepository,
  ctx: RequestContext,
  session: Session,
  claim: { quoteId: string; operationId: string },
  now: Date,
): Promise<QuoteDocument> => {
  const mine = { _id: claim.quoteId, tenantId: ctx.tenantId, userId: ctx.user._id };
  const claimed = await quotes.claim(session, mine, claim.operationId, now);
  if (claimed) return claimed;
  requireOpenQuote(await quotes.get(ctx.tenantId, ctx.user._id, claim.quoteId, session), now);
  throw new DomainError('quote_used', 'This quote was used by another purchase.');
};
