import { button, facts, type Template, text } from '../content.js';

/** To the one who started a trial: when it ends, and that it does not renew. [BUY-8] */
export const trialEnding: Template<'trialEnding'> = (params, { t, format, links }) => {
  const { productName: product, subscriptionId } = params;
  const date = format.date(params.expiresAt);
  return {
    subject: t('trialEnding.subject', { product, date }),
    heading: t('trialEnding.heading'),
    blocks: [
      text(t('trialEnding.ends', { product, date })),
      text(t('trialEnding.buy'), t('trialEnding.data')),
      facts(
        [t('facts.product'), product],
        [t('facts.endsOn'), date],
        [t('facts.subscription'), subscriptionId],
      ),
      button(t('actions.seeSubscription'), links.subscription(subscriptionId)),
    ],
    support: true,
  };
};
