import { button, facts, type Template, text } from '../content.js';

/** To the purchaser: the subscription is gone, by whom, and what happens to the money. [MOV-5, CAN-2, OWN-5, SUB-3] */
export const canceled: Template<'canceled'> = (params, { t, format, links }) => {
  const { cause, productName: product, refunded } = params;
  const ended = cause === 'unpaid';
  const refund = refunded && format.money(refunded);
  const names = { product, count: params.seats, seats: format.count(params.seats) };
  return {
    subject: t(ended ? 'canceled.endedSubject' : 'canceled.subject', { product }),
    heading: t(ended ? 'canceled.endedHeading' : 'canceled.heading'),
    blocks: [
      text(t(`canceled.${cause}`, names)),
      text(
        t('canceled.billing'),
        refund ? t('canceled.refunded', { amount: refund }) : t('canceled.notRefunded'),
      ),
      facts(
        [t('facts.product'), product],
        [t('facts.seats'), names.seats],
        [t('facts.status'), t('facts.deleted')],
        [t('facts.refund'), refund ?? t('facts.noRefund')],
        [t('facts.subscription'), params.subscriptionId],
      ),
      text(t(ended || cause === 'canceledByPurchaser' ? 'canceled.contactSelf' : 'canceled.contact')),
      button(t('actions.seeSubscription'), links.subscription(params.subscriptionId)),
    ],
    support: true,
  };
};
