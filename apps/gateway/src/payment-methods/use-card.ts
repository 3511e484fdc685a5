import type { PaymentMethodsRepository, Session } from '@commissary/store';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';

/**
 * Marks a card of the caller's as about to pay, so that this and its removal cannot miss each other. Throws `not_found` for one
 * that is removed or another's, `invalid_request` for one that has expired. [BUY-3, OWN-4]
 */
export const useCard = async (
  methods: PaymentMethodsRepository,
  ctx: RequestContext,
  session: Session,
  methodId: string,
  now: Date,
): Promise<void> => {
  const { expiresAt } = await methods.use(session, ctx.tenantId, ctx.user._id, methodId, now);
  if (expiresAt > now) return;
  throw invalidRequest('/paymentMethodId', 'expired', 'This card has expired; choose another one.');
};
