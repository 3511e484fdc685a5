import { button, link, type Template, text } from '../content.js';

/** To the user who was assigned a license. [MSG-1, OWN-3] */
export const licenseAssigned: Template<'licenseAssigned'> = (params, { t, links }) => {
  const { productName: product, assignedByName: assignedBy } = params;
  return {
    subject: t('licenseAssigned.subject', { product }),
    heading: t('licenseAssigned.heading'),
    blocks: [
      text(t('licenseAssigned.assigned', { assignedBy, product }), t('licenseAssigned.free')),
      button(t('actions.seeLicenses'), links.licenses()),
      link(t('actions.learn', { product }), params.trainingUrl),
      text(t('licenseAssigned.questions', { assignedBy })),
    ],
    support: false,
  };
};
