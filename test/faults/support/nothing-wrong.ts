import { QueueView, runAudit } from '@commissary/audit';
import { SimulatorJournal } from '@commissary/payments';
import { database } from '../../e2e/support/database.js';
import { stack } from '../../e2e/support/stack.js';

/** Due work that is not on its queue: so it is while a test has killed the one worker of the queue and not yet started the next. */
const DUE_AND_NOT_QUEUED = 10;

/** Runs the audit while workers come and go. */
export const expectNothingWrongMeanwhile = (): Promise<void> => audited([DUE_AND_NOT_QUEUED]);

/** What `npm run audit` does, without the start of a process. Throws with every violation. [OPS-5] */
export const expectNothingWrong = (): Promise<void> => audited([]);

const audited = async (but: readonly number[]): Promise<void> => {
  const { redisUrl, paymentsUrl } = stack();
  const queues = await QueueView.connect(redisUrl, 'commissary');
  try {
    const journal = new SimulatorJournal(paymentsUrl);
    const report = await runAudit({ database: await database(), queues, journal });
    const violations = report.violations.filter(({ invariant }) => !but.includes(invariant));
    const { notChecked } = report;
    if (violations.length + notChecked.length === 0) return;
    const lines = violations.map(({ invariant, subject, detail }) => `${invariant} ${subject} ${detail}`);
    throw new Error(`the audit is not content:\n${[...lines, ...notChecked].join('\n')}`);
  } finally {
    await queues.close();
  }
};
