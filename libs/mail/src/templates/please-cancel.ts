import { button, facts, quote, type Template, text } from '../content.js';

/** To the purchaser: an admin asks to cancel, for the organization provides the product centrally. Nothing has changed yet. [ADM-6] */
export const pleaseCancel: Template<'pleaseCancel'> = (params, { t, format, links }) => {
  const { adminName: admin, productName: product, seats, assigned, message } = params;
  const names = { admin, product, count: seats, seats: format.count(seats) };
  return {
    subject: t('pleaseCancel.subject', names),
    heading: t('pleaseCancel.heading'),
    blocks: [
      text(t('pleaseCancel.asks', names), t('pleaseCancel.nothingYet')),
      ...(message === null || message === '' ? [] : [text(t('pleaseCancel.writes', names)), quote(message)]),
      text(t('pleaseCancel.how'), t('pleaseCancel.users')),
      facts(
        [t('facts.product'), product],
        [t('facts.seats'), names.seats],
        [t('facts.inUse'), format.count(assigned)],
        [t('facts.subscription'), params.subscriptionId],
      ),
      button(t('actions.seeSubscription'), links.subscription(params.subscriptionId)),
      text(t('pleaseCancel.questions', names)),
    ],
    support: true,
  };
};
