import type { OperationDocument } from '@commissary/store';
import { actorOf, type RequestContext } from '../http/request-context.js';

/** Who asked for an operation, and from where, as its document keeps it. [ADM-9] */
export const requestOrigin = (ctx: RequestContext): Pick<OperationDocument, 'requestedBy' | 'origin'> => ({
  requestedBy: actorOf(ctx),
  origin: { ip: ctx.ip, requestId: ctx.requestId },
});
