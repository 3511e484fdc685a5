import type { NotificationParams } from '@commissary/contracts';
import { button, facts, link, type Template, text, type Tools } from '../content.js';

/** To the purchaser: how many seats there are or will be, and what that cost or gives back. [OWN-2] */
export const seatsChanged: Template<'seatsChanged'> = (params, tools) => {
  const { t, format, links } = tools;
  const { charged, invoiceId, productName: product, refunded, subscriptionId } = params;
  const date = params.effectiveAt && format.date(params.effectiveAt);
  const [before, after] = [format.count(params.before), format.count(params.after)];
  const names = { product, before, seats: after, count: params.after };
  return {
    subject: t(date ? 'seatsChanged.laterSubject' : 'seatsChanged.subject', names),
    heading: t(date ? 'seatsChanged.laterHeading' : 'seatsChanged.heading'),
    blocks: [
      text(
        date ? t('seatsChanged.later', { ...names, date }) : t('seatsChanged.now', names),
        moneyLine(params, tools),
      ),
      facts(
        [t('facts.product'), product],
        [t('facts.seatsBefore'), before],
        [t('facts.seatsAfter'), after],
        [t('facts.changesOn'), date],
        [t('facts.charged'), charged && format.money(charged)],
        [t('facts.refund'), refunded && format.money(refunded)],
        [t('facts.invoice'), invoiceId],
        [t('facts.subscription'), subscriptionId],
      ),
      ...(!date && params.after > params.before ? [text(t('seatsChanged.assign'))] : []),
      button(t('actions.seeSubscription'), links.subscription(subscriptionId)),
      ...(invoiceId ? [link(t('actions.seeInvoice'), links.invoice(invoiceId))] : []),
    ],
    support: true,
  };
};

const moneyLine = (
  { charged, refunded }: NotificationParams<'seatsChanged'>,
  { t, format }: Tools,
): string => {
  if (charged && charged.amountMinor > 0) return t('seatsChanged.charged', { amount: format.money(charged) });
  return refunded
    ? t('seatsChanged.refunded', { amount: format.money(refunded) })
    : t('seatsChanged.notCharged');
};
