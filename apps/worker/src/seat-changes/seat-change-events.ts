import {
  mail,
  type NewEvent,
  type OperationOf,
  type SeatChangeResult,
  type SubscriptionDocument,
} from '@commissary/store';
import { alertsOf } from '../purchases/purchase-alerts.js';
import type { SeatChangeFacts } from './seat-change-facts.js';

type SeatChange = OperationOf<'seatChange'>;

/** Fewer seats, or a contract's: nothing was bought. */
const NOBODY = { recipients: [], mails: [], digested: null };

/** The purchaser is told of the seats and the money; the admins of what was bought. [MSG-1, ADM-8] */
export const seatsChangedEvent = (
  operation: SeatChange,
  { subscription, quote, buyer, admins }: SeatChangeFacts,
  after: SubscriptionDocument,
  result: SeatChangeResult,
): NewEvent => {
  const owner = subscription.purchaserId === null ? [] : [subscription.purchaserId];
  const { _id, productName } = subscription;
  const before = operation.request.seatsBefore;
  const params = {
    subscriptionId: _id,
    productName,
    before,
    after: result.seats,
    effectiveAt: result.effective === 'renewal' ? after.expiresAt.toISOString() : null,
    charged: result.charged,
    refunded: result.refunded,
    invoiceId: result.invoiceId,
  };
  const alerts =
    quote && buyer
      ? alertsOf(buyer.tenant, admins, {
          subscriptionId: _id,
          productName,
          purchaserName: buyer.user.displayName,
          purchaserEmail: buyer.user.email,
          isTrial: false,
          quantity: quote.quantity,
          total: quote.total,
        })
      : NOBODY;
  return {
    tenantId: operation.tenantId,
    type: 'seats.changed',
    subjectId: _id,
    operationId: operation._id,
    data: {
      before,
      after: result.seats,
      effective: result.effective,
      recipients: { seatsChanged: owner, purchaseAlert: alerts.recipients },
      ...(alerts.digested && { digested: true }),
    },
    mails: [...owner.map((purchaser) => mail('seatsChanged', purchaser, params)), ...alerts.mails],
    digested: alerts.digested,
  };
};
