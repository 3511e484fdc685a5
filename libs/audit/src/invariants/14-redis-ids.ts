import type { Invariant } from '../invariant.js';
import type { HeldJob } from '../reading/queue-view.js';

/** Fields of every job's payload, whatever its version. */
const ID_FIELDS: readonly string[] = ['operationId', 'notificationId', 'tenantId'];
const ID = /^[A-Za-z0-9_.:-]{1,100}$/;
/** What no reason of a failure may quote. */
const ADDRESS = /[\w.+-]+@[\w-]+\.[\w.-]+/;

export const redisHoldsIdsOnly: Invariant = {
  number: 14,
  title: 'Redis holds ids only',
  notChecked: ({ queues }) => (queues ? null : '14: jobs in Redis, for none was given'),
  async *check({ queues }) {
    if (!queues) return;
    for await (const job of queues.jobs()) {
      for (const detail of faultsOf(job)) yield { invariant: 14, subject: `${job.queue} ${job.id}`, detail };
    }
  },
};

/** Names what is there and never repeats it. */
const faultsOf = ({ data, returnvalue, failedReason }: HeldJob): string[] => {
  if (typeof data !== 'object' || data === null) return ['its data is no payload'];
  const faults: string[] = [];
  for (const [field, value] of Object.entries(data)) {
    if (field === 'v' ? typeof value === 'number' : ID_FIELDS.includes(field) && isId(value)) continue;
    faults.push(
      ID_FIELDS.includes(field) || field === 'v' ? `its ${field} is no id` : `holds the field ${field}`,
    );
  }
  if (returnvalue !== null && returnvalue !== undefined) faults.push('holds a return value');
  if (failedReason !== undefined && ADDRESS.test(failedReason))
    faults.push('the reason of its failure holds an address');
  return faults;
};

const isId = (value: unknown): boolean => typeof value === 'string' && ID.test(value);
