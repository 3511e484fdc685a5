import { ageSubscription } from '../../support/aged-subscription.js';
import { database } from './database.js';
import { lookForDue } from './sweep.js';

/** As if it had been bought so long ago, and paid for then: no request can make it so. */
export const startedEarlier = async (subscriptionId: string, ms: number): Promise<void> => {
  await ageSubscription(await database(), subscriptionId, () => ms);
};

/** As if its term had ended this moment; what is due then is looked for at once rather than at the next look. */
export const termEnds = async (subscriptionId: string): Promise<void> => {
  const over = ({ expiresAt }: { expiresAt: Date }): number => expiresAt.getTime() - Date.now() + 1_000;
  await ageSubscription(await database(), subscriptionId, over);
  await lookForDue();
};
