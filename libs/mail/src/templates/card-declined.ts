import { facts, type Template, text } from '../content.js';

/** Declines that have a sentence of their own. */
const REASONS = ['card_declined', 'insufficient_funds', 'card_expired', 'authentication_required'] as const;

/** To the purchaser: nothing was bought, why, and what to do. [BUY-6] */
export const cardDeclined: Template<'cardDeclined'> = (params, { t, format }) => {
  const { productName: product, quantity: count } = params;
  const reason = REASONS.find((known) => known === params.reason);
  const names = { product, count, seats: format.count(count), total: format.money(params.total) };
  return {
    subject: t('cardDeclined.subject', { product }),
    heading: t('cardDeclined.heading'),
    blocks: [
      text(t('cardDeclined.notPlaced', names)),
      text(reason ? t(`cardDeclined.${reason}`) : t('cardDeclined.otherReason'), t('cardDeclined.next')),
      facts(
        [t('facts.product'), product],
        [t('facts.seats'), names.seats],
        [t('facts.total'), names.total],
        [t('facts.order'), params.orderId],
      ),
    ],
    support: true,
  };
};
