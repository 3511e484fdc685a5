import { button, facts, type Template, text } from '../content.js';

/** To the tenant's admins: what somebody who has left, or is locked out, had bought, and that its users keep it. [SUB-2] */
export const purchaserLeft: Template<'purchaserLeft'> = (params, { t, format, links }) => {
  const { purchaserName: purchaser, purchaserEmail: email, subscriptionCount: count, subscriptions } = params;
  const names = { purchaser, email, count, subscriptions: format.count(count) };
  const more = count - subscriptions.length;
  const only = count === 1 ? subscriptions[0] : undefined;
  const said = params.isDisabled
    ? {
        subject: t('purchaserLeft.disabledSubject', names),
        heading: t('purchaserLeft.disabledHeading'),
        what: t('purchaserLeft.disabled', names),
      }
    : {
        subject: t('purchaserLeft.subject', names),
        heading: t('purchaserLeft.heading'),
        what: t('purchaserLeft.left', names),
      };
  return {
    subject: said.subject,
    heading: said.heading,
    blocks: [
      text(said.what, t('purchaserLeft.stays')),
      facts(
        ...subscriptions.map(({ id, productName, seats }): [string, string] => [
          productName,
          t('facts.seatCount', { count: seats, seats: format.count(seats), subscription: id }),
        ]),
      ),
      ...(more > 0
        ? [text(t('purchaserLeft.more', { count: more, subscriptions: format.count(more) }))]
        : []),
      text(t('purchaserLeft.takeOver')),
      only
        ? button(t('actions.seeSubscription'), links.subscription(only.id))
        : button(t('actions.seeSubscriptions'), links.subscriptions()),
    ],
    support: false,
  };
};
