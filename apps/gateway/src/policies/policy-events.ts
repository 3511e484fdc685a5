import type { NewAudit, NewEvent, PolicyChangeDocument } from '@commissary/store';
import { auditOf } from '../http/change-record.js';
import type { RequestContext } from '../http/request-context.js';

/** The audit entry and the event of one version of the policy. [POL-7, ADM-9, EXT-2] */
export const recordsOfPolicyChange = (
  ctx: RequestContext,
  { version, changes, defaultChange, revertedTo }: PolicyChangeDocument,
): { events: NewEvent[]; audit: NewAudit[] } => {
  const sideOf = (side: 'before' | 'after') => ({
    values: Object.fromEntries(changes.map((changed) => [changed.productId, changed[side]])),
    ...(defaultChange && { defaultValue: defaultChange[side] }),
  });
  const reverted = revertedTo !== undefined && { revertedTo };
  const audit = auditOf(ctx, {
    action: 'policy.set',
    subject: { type: 'policy', id: ctx.tenantId },
    before: { version: version - 1, ...sideOf('before') },
    after: { version, ...sideOf('after'), ...reverted },
  });
  const event: NewEvent = {
    tenantId: ctx.tenantId,
    type: 'policy.changed',
    subjectId: ctx.tenantId,
    operationId: null,
    data: { version, changes, ...(defaultChange && { defaultChange }), ...reverted },
  };
  return { events: [event], audit: [audit] };
};
