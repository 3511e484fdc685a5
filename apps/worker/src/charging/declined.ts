import type { DeclineCode } from '@commissary/domain';
import {
  mail,
  type NewEvent,
  type OperationOf,
  type OperationRuns,
  type OrdersRepository,
  type PaymentDocument,
  type QuoteDocument,
  type Session,
} from '@commissary/store';
import type { Run } from '../operations/run.js';

/** What whoever pays reads of a decline. [BUY-6] */
export const DECLINED: Record<DeclineCode, string> = {
  card_declined: 'The card was declined. Use another card.',
  insufficient_funds: 'The card was declined for insufficient funds. Try again or use another card.',
  card_expired: 'The card has expired. Use another card.',
  authentication_required: 'The card asks for an authentication that is not supported yet. Use another card.',
};

/** The card did not pay for what was quoted: nothing has come of it, and the buyer is told. [BUY-6, MSG-1] */
export const declinedEvent = (
  { _id, tenantId, requestedBy, request }: OperationOf<'purchase'> | OperationOf<'seatChange'>,
  { productName, quantity, total }: QuoteDocument,
  code: DeclineCode,
): NewEvent => ({
  tenantId,
  type: 'purchase.declined',
  subjectId: request.orderId,
  operationId: _id,
  data: { code, recipients: { cardDeclined: [requestedBy.userId] } },
  mails: [
    mail('cardDeclined', requestedBy.userId, {
      orderId: request.orderId,
      productName,
      quantity,
      total,
      reason: code,
      renewal: null,
    }),
  ],
});

/** Ends what the card did not pay for: the order has failed, and the quote may be used again. Its first write is the fenced one. [BUY-6] */
export const endDeclined = async (
  session: Session,
  { runs, orders }: { runs: OperationRuns; orders: OrdersRepository },
  run: Run<'purchase'> | Run<'seatChange'>,
  declined: { quote: QuoteDocument; payment: PaymentDocument; code: DeclineCode },
  now: Date,
): Promise<void> => {
  const { _id, tenantId } = run.operation;
  const { quote, payment, code } = declined;
  await runs.end(session, run.key, {
    status: 'rejected',
    error: { code, detail: DECLINED[code] },
    progress: { failed: 1 },
  });
  await orders.recordDeclined(session, payment, code, now);
  await orders.failOrder(session, tenantId, payment.orderId, code, now);
  await orders.releaseQuote(session, tenantId, quote._id, _id);
};
