import type { NotificationParams } from '@commissary/contracts';
import { button, facts, type Template, text, type Tools } from '../content.js';

/** To the tenant's admins, once a day where they have set so: what was bought, by whom, and that it can be taken over. [ADM-8] */
export const purchaseDigest: Template<'purchaseDigest'> = (params, tools) => {
  const { t, format, links } = tools;
  const { purchases, purchaseCount: count } = params;
  const names = { count, purchases: format.count(count), date: format.date(params.on) };
  const more = count - purchases.length;
  return {
    subject: t('purchaseDigest.subject', names),
    heading: t('purchaseDigest.heading'),
    blocks: [
      text(t('purchaseDigest.bought', names)),
      facts(...purchases.map((purchase) => rowOf(purchase, tools))),
      ...(more > 0 ? [text(t('purchaseDigest.more', { count: more, purchases: format.count(more) }))] : []),
      facts([t('facts.total'), params.totals.map((total) => format.money(total)).join(' + ')]),
      text(t('purchaseDigest.takeOver')),
      button(t('actions.seeSubscriptions'), links.subscriptions()),
      text(t('purchaseDigest.policy'), t('purchaseDigest.setting')),
    ],
    support: false,
  };
};

const rowOf = (
  purchase: NotificationParams<'purchaseDigest'>['purchases'][number],
  { t, format }: Tools,
): [string, string] => {
  const { productName, purchaserName, purchaserEmail: email, isTrial, quantity: count } = purchase;
  const names = { purchaser: purchaserName, email, count, seats: format.count(count) };
  const price = format.money(purchase.total);
  return [
    productName,
    isTrial ? t('purchaseDigest.trialRow', names) : t('purchaseDigest.row', { ...names, price }),
  ];
};
