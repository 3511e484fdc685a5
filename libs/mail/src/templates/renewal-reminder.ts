import { button, facts, type Template, text } from '../content.js';

/** To the purchaser: when it renews, what that costs, and a price that rises then. [BUY-9] */
export const renewalReminder: Template<'renewalReminder'> = (params, { t, format, links }) => {
  const { card, oldUnitPrice, productName: product, quantity: count, subscriptionId, term } = params;
  const date = format.date(params.renewsAt);
  const total = format.money(params.total);
  const names = { product, date, count, seats: format.count(count) };
  const price = t(`prices.${term}`, { price: format.money(params.unitPrice) });
  const oldPrice = oldUnitPrice && t(`prices.${term}`, { price: format.money(oldUnitPrice) });
  return {
    subject: t(oldPrice ? 'renewalReminder.riseSubject' : 'renewalReminder.subject', names),
    heading: t(oldPrice ? 'renewalReminder.riseHeading' : 'renewalReminder.heading'),
    blocks: [
      text(
        t('renewalReminder.renews', names),
        ...(oldPrice ? [t('renewalReminder.rise', { price, oldPrice })] : []),
        card ? t('renewalReminder.charged', { total, ...card }) : t('renewalReminder.noCard', { total }),
      ),
      facts(
        [t('facts.product'), product],
        [t('facts.seats'), names.seats],
        [t('facts.oldPrice'), oldPrice],
        [t(oldPrice ? 'facts.newPrice' : 'facts.unitPrice'), price],
        [t('facts.totalNext'), total],
        [t('facts.card'), card && t('facts.cardEnding', card)],
        [t('facts.renewsOn'), date],
        [t('facts.subscription'), subscriptionId],
      ),
      text(...(card ? [t('renewalReminder.keep')] : []), t('renewalReminder.change')),
      button(t('actions.seeSubscription'), links.subscription(subscriptionId)),
    ],
    support: true,
  };
};
