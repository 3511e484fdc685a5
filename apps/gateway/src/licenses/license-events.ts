import type { AssignOutcome, RemoveOutcome } from '@commissary/domain';
import {
  mail,
  type NewAudit,
  type NewEvent,
  type SubscriptionDocument,
  type UserOutcomeRow,
  userIdsWith,
} from '@commissary/store';
import { auditOf } from '../http/change-record.js';
import type { RequestContext } from '../http/request-context.js';

interface ChangeRecords {
  events?: NewEvent[];
  audit?: NewAudit[];
}

/** A mail to each user who got a license, but not to who gave it to themselves. [MSG-1] */
export const recordsOfAssignment = (
  ctx: RequestContext,
  subscription: SubscriptionDocument,
  rows: readonly UserOutcomeRow<AssignOutcome>[],
  trainingUrl: string,
): ChangeRecords => {
  const assigned = userIdsWith(rows, 'assigned');
  const switched = userIdsWith(rows, 'switched');
  if (assigned.length + switched.length === 0) return {};
  const recipients = [...assigned, ...switched].filter((userId) => userId !== ctx.user._id);
  const params = {
    subscriptionId: subscription._id,
    productName: subscription.productName,
    trainingUrl,
    assignedByName: ctx.user.displayName,
  };
  return {
    events: [
      {
        tenantId: ctx.tenantId,
        type: 'license.assigned',
        subjectId: subscription._id,
        operationId: null,
        data: { assigned, switched, recipients: { licenseAssigned: recipients } },
        mails: recipients.map((userId) => mail('licenseAssigned', userId, params)),
      },
    ],
    audit: [
      auditOf(ctx, {
        action: 'license.assigned',
        subject: { type: 'subscription', id: subscription._id },
        before: null,
        after: { assigned, switched },
      }),
    ],
  };
};

export const recordsOfRemoval = (
  ctx: RequestContext,
  subscription: SubscriptionDocument,
  rows: readonly UserOutcomeRow<RemoveOutcome>[],
): ChangeRecords => {
  const removed = userIdsWith(rows, 'removed');
  if (removed.length === 0) return {};
  return {
    events: [
      {
        tenantId: ctx.tenantId,
        type: 'license.removed',
        subjectId: subscription._id,
        operationId: null,
        data: { removed },
      },
    ],
    audit: [
      auditOf(ctx, {
        action: 'license.removed',
        subject: { type: 'subscription', id: subscription._id },
        before: { licensed: removed },
        after: null,
      }),
    ],
  };
};
