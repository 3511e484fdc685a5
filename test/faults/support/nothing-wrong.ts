import { QueueView, runAudit } from '@commissary/audit';
import { SimulatorJournal } from '@commissary/payments';
import { database } from '../../e2e/support/database.js';
import { stack } from '../../e2e/support/stack.js';

/** What `npm run audit` does, without the start of a process. Throws with every violation. [OPS-5] */
export const expectNothingWrong = async (): Promise<void> => {
  const { redisUrl, paymentsUrl } = stack();
  const queues = await QueueView.connect(redisUrl, 'commissary');
  try {
    const journal = new SimulatorJournal(paymentsUrl);
    const { violations, notChecked } = await runAudit({ database: await database(), queues, journal });
    if (violations.length + notChecked.length === 0) return;
    const lines = violations.map(({ invariant, subject, detail }) => `${invariant} ${subject} ${detail}`);
    throw new Error(`the audit is not content:\n${[...lines, ...notChecked].join('\n')}`);
  } finally {
    await queues.close();
  }
};
