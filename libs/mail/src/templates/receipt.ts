import type { NotificationParams } from '@commissary/contracts';
import { type Block, button, facts, link, type Template, text, type Tools } from '../content.js';

type Params = NotificationParams<'receipt'>;

/** To the purchaser: what was bought or is tried, what it cost, until when. [MSG-1, BUY-4, BUY-8] */
export const receipt: Template<'receipt'> = (params, tools) => ({
  ...(params.isTrial ? trialIntroduction(params, tools) : purchaseIntroduction(params, tools)),
  support: true,
});

const purchaseIntroduction = (params: Params, tools: Tools) => {
  const { t, format } = tools;
  const names = { product: params.productName, seats: format.count(params.quantity), count: params.quantity };
  return {
    subject: t('receipt.subject', { product: params.productName }),
    heading: t('receipt.heading'),
    blocks: [
      text(t('receipt.bought', names), chargeLine(params, tools)),
      ...details(params, tools),
      text(termLine(params, tools), ...(params.card ? [t('receipt.cancelWithin')] : [])),
      ...nextSteps(params, tools),
    ],
  };
};

const trialIntroduction = (params: Params, tools: Tools) => {
  const { t, format } = tools;
  const names = { product: params.productName, seats: format.count(params.quantity), count: params.quantity };
  return {
    subject: t('receipt.trialSubject', { product: params.productName }),
    heading: t('receipt.trialHeading'),
    blocks: [
      text(t('receipt.trialStarted', names), chargeLine(params, tools)),
      ...details(params, tools),
      text(termLine(params, tools)),
      ...nextSteps(params, tools),
    ],
  };
};

const chargeLine = ({ card, total }: Params, { t, format }: Tools): string =>
  card && total.amountMinor > 0
    ? t('receipt.charged', { total: format.money(total), brand: card.brand, last4: card.last4 })
    : t('receipt.notCharged');

const termLine = ({ renewsAt, expiresAt }: Params, { t, format }: Tools): string =>
  renewsAt
    ? t('receipt.renews', { date: format.date(renewsAt) })
    : t('receipt.ends', { date: format.date(expiresAt) });

const details = (params: Params, { t, format }: Tools): Block[] => {
  const { card, term, renewsAt } = params;
  const unitPrice = format.money(params.unitPrice);
  return [
    facts(
      [t('facts.product'), params.productName],
      [t('facts.seats'), format.count(params.quantity)],
      [t('facts.unitPrice'), term ? t(`prices.${term}`, { price: unitPrice }) : unitPrice],
      [t('facts.total'), format.money(params.total)],
      [t('facts.card'), card && t('facts.cardEnding', card)],
      [t(renewsAt ? 'facts.renewsOn' : 'facts.endsOn'), format.date(renewsAt ?? params.expiresAt)],
      [t('facts.order'), params.orderId],
      [t('facts.invoice'), params.invoiceId],
      [t('facts.subscription'), params.subscriptionId],
    ),
  ];
};

const nextSteps = (params: Params, { t, links }: Tools): Block[] => [
  ...(params.quantity > 1 ? [text(t('receipt.assignRest'))] : []),
  button(t('actions.seeSubscription'), links.subscription(params.subscriptionId)),
  ...(params.invoiceId ? [link(t('actions.seeInvoice'), links.invoice(params.invoiceId))] : []),
  link(t('actions.learn', { product: params.productName }), params.trainingUrl),
];
