import { database } from '../../e2e/support/database.js';
import { eventually } from '../../e2e/support/eventually.js';
import { collectionsOf } from '../../support/driver.js';

const ONE_GOES_WITHIN_MS = 60_000;

/** Resolves once a worker has sent whatever waits, the mails of earlier tests included; throws when none has gone for a minute. */
export const mailsOut = async (): Promise<void> => {
  const { notifications } = collectionsOf(await database());
  const left = async (before: number): Promise<number> =>
    eventually(
      `fewer than ${before} mails wait`,
      async () => {
        const waiting = await notifications.countDocuments({ status: 'queued' });
        return waiting < before ? waiting : undefined;
      },
      ONE_GOES_WITHIN_MS,
    );
  for (let waiting = await left(Infinity); waiting > 0;) waiting = await left(waiting);
};
