import { button, facts, type Template, text } from '../content.js';

/** To the admin who asked for the move: what became of its users and of the old subscription. [MOV-4, MOV-5] */
export const moveCompleted: Template<'moveCompleted'> = (params, { t, format, links }) => {
  const { productName: product, targetProductName: target, moved, failed, refunded } = params;
  const partial = failed > 0;
  return {
    subject: t(partial ? 'moveCompleted.partialSubject' : 'moveCompleted.subject', { product }),
    heading: t(partial ? 'moveCompleted.partialHeading' : 'moveCompleted.heading'),
    blocks: [
      text(t('moveCompleted.moved', { count: moved, users: format.count(moved), product, target })),
      text(
        ...(partial
          ? [
              t('moveCompleted.notMoved', { count: failed, users: format.count(failed) }),
              t('moveCompleted.retry'),
            ]
          : [t('moveCompleted.closed'), t('moveCompleted.purchaserTold')]),
      ),
      facts(
        [t('facts.moved'), format.count(moved)],
        [t('facts.alreadyLicensed'), format.count(params.alreadyLicensed)],
        [t('facts.skipped'), format.count(params.skipped)],
        [t('facts.failed'), format.count(failed)],
        [t('facts.refund'), refunded ? format.money(refunded) : t('facts.noRefund')],
        [t('facts.operation'), params.operationId],
      ),
      button(t('actions.seeResults'), links.operationResults(params.operationId)),
    ],
    support: false,
  };
};
