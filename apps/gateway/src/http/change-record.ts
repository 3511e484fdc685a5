import type { AuditedAct, NewAudit } from '@commissary/store';
import { actorOf, type RequestContext } from './request-context.js';

type Change = AuditedAct & Pick<NewAudit, 'before' | 'after'>;

/** The audit entry of a change that a request makes at once: who, from where, before and after. [ADM-9] */
export const auditOf = (ctx: RequestContext, change: Change): NewAudit => ({
  tenantId: ctx.tenantId,
  actor: actorOf(ctx),
  ...change,
  ip: ctx.ip,
  requestId: ctx.requestId,
  operationId: null,
});
