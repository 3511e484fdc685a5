import { button, facts, type Template, text } from '../content.js';

/** To the tenant's admins: who bought what, where to see it, and that it can be taken over. [ADM-8] */
export const purchaseAlert: Template<'purchaseAlert'> = (params, { t, format, links }) => {
  const { isTrial, productName: product, purchaserName: purchaser, purchaserEmail: email } = params;
  const total = format.money(params.total);
  const names = { purchaser, email, product, seats: format.count(params.quantity), count: params.quantity };
  return {
    subject: t(isTrial ? 'purchaseAlert.trialSubject' : 'purchaseAlert.subject', { purchaser, product }),
    heading: t(isTrial ? 'purchaseAlert.trialHeading' : 'purchaseAlert.heading'),
    blocks: [
      text(
        t(isTrial ? 'purchaseAlert.trialStarted' : 'purchaseAlert.bought', names),
        isTrial ? t('purchaseAlert.trialPrice') : t('purchaseAlert.price', { total }),
      ),
      facts(
        [t('facts.purchaser'), `${purchaser} (${email})`],
        [t('facts.product'), product],
        [t('facts.seats'), names.seats],
        [t('facts.total'), total],
        [t('facts.subscription'), params.subscriptionId],
      ),
      text(t('purchaseAlert.takeOver')),
      button(t('actions.seeSubscription'), links.subscription(params.subscriptionId)),
      text(t('purchaseAlert.policy')),
    ],
    support: false,
  };
};
