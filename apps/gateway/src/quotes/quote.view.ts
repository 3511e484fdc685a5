import type { QuoteView } from '@commissary/contracts';
import type { QuoteDocument } from '@commissary/store';

export const quoteView = (quote: QuoteDocument): QuoteView => ({
  id: quote._id,
  productId: quote.productId,
  offer: quote.offer,
  quantity: quote.quantity,
  subscriptionId: quote.seatChange?.subscriptionId ?? null,
  seats: quote.seatChange?.seats ?? null,
  term: quote.term,
  unitPrice: quote.unitPrice,
  total: quote.total,
  renewsAt: quote.renewsAt?.toISOString() ?? null,
  expiresAt: quote.expiresAt.toISOString(),
});
