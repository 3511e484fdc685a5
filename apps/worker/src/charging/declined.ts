import type { DeclineCode } from '@commissary/domain';

/** What whoever pays reads of a decline. [BUY-6] */
export const DECLINED: Record<DeclineCode, string> = {
  card_declined: 'The card was declined. Use another card.',
  insufficient_funds: 'The card was declined for insufficient funds. Try again or use another card.',
  card_expired: 'The card has expired. Use another card.',
  authentication_required: 'The card asks for an authentication that is not supported yet. Use another card.',
};
