import type { DeclineCode } from '@commissary/domain';
import { mail, type NewEvent, type OperationOf, type QuoteDocument } from '@commissary/store';

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
