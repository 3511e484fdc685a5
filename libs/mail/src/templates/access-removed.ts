import { button, type Template, text } from '../content.js';

/** To a user who lost a license with its subscription: whom to ask for another one. [CAN-2, DATA-1] */
export const accessRemoved: Template<'accessRemoved'> = ({ productName: product }, { t, links }) => ({
  subject: t('accessRemoved.subject', { product }),
  heading: t('accessRemoved.heading'),
  blocks: [
    text(t('accessRemoved.removed', { product }), t('accessRemoved.free')),
    text(t('accessRemoved.contact', { product })),
    text(t('accessRemoved.data')),
    button(t('actions.seeLicenses'), links.licenses()),
  ],
  support: false,
});
