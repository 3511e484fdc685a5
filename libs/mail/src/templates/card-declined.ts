import type { NotificationParams } from '@commissary/contracts';
import { button, facts, type Template, text, type Tools } from '../content.js';

type Params = NotificationParams<'cardDeclined'>;
type Renewal = NonNullable<Params['renewal']>;

/** Declines that have a sentence of their own. */
const REASONS = ['card_declined', 'insufficient_funds', 'card_expired', 'authentication_required'] as const;

/** To the purchaser: nothing was bought, or a renewal is not paid, why, and what to do. [BUY-6, BUY-9] */
export const cardDeclined: Template<'cardDeclined'> = (params, tools) => ({
  ...(params.renewal ? renewalUnpaid(params, params.renewal, tools) : nothingBought(params, tools)),
  support: true,
});

const nothingBought = (params: Params, tools: Tools) => {
  const { t } = tools;
  return {
    subject: t('cardDeclined.subject', { product: params.productName }),
    heading: t('cardDeclined.heading'),
    blocks: [
      text(t('cardDeclined.notPlaced', namesOf(params, tools))),
      text(reasonOf(params, tools), t('cardDeclined.next')),
      facts(...details(params, tools), [t('facts.order'), params.orderId]),
    ],
  };
};

const renewalUnpaid = (params: Params, renewal: Renewal, tools: Tools) => {
  const { t, format, links } = tools;
  const date = renewal.tryAgainAt && format.date(renewal.tryAgainAt);
  return {
    subject: t('cardDeclined.renewalSubject', { product: params.productName }),
    heading: t('cardDeclined.renewalHeading'),
    blocks: [
      text(t('cardDeclined.notRenewed', namesOf(params, tools)), reasonOf(params, tools)),
      text(
        date ? t('cardDeclined.tryAgain', { date }) : t('cardDeclined.noMoreTries'),
        t('cardDeclined.ifUnpaid'),
      ),
      button(t('actions.payInvoice'), links.invoice(renewal.invoiceId)),
      facts(
        ...details(params, tools),
        [t('facts.tryAgainOn'), date],
        [t('facts.invoice'), renewal.invoiceId],
        [t('facts.subscription'), renewal.subscriptionId],
      ),
    ],
  };
};

const namesOf = ({ productName: product, quantity: count, total }: Params, { format }: Tools) => ({
  product,
  count,
  seats: format.count(count),
  total: format.money(total),
});

const reasonOf = (params: Params, { t }: Tools): string => {
  const reason = REASONS.find((known) => known === params.reason);
  return reason ? t(`cardDeclined.${reason}`) : t('cardDeclined.otherReason');
};

const details = (params: Params, { t, format }: Tools): [label: string, value: string][] => [
  [t('facts.product'), params.productName],
  [t('facts.seats'), format.count(params.quantity)],
  [t('facts.total'), format.money(params.total)],
];
