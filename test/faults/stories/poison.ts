import type { OperationView } from '@commissary/contracts';
import { database } from '../../e2e/support/database.js';
import { eventually } from '../../e2e/support/eventually.js';
import { succeeded } from '../../e2e/support/operations.js';
import { adminOf, person } from '../../e2e/support/people.js';
import { must } from '../../e2e/support/person.js';
import { operationNow } from '../support/moves.js';
import { type LogLine, startWorker } from '../support/service.js';
import { collectionsOf } from '../../support/driver.js';

/** A cancellation whose handler kills its process, again and again. */
export const poisonTheWorker = async (subscriptionId: string) => {
  const admin = await adminOf('relecloud-org.example');
  const body = { reason: 'unused' };
  const poison = await must(
    202,
    admin.post<OperationView>(`/v1/subscriptions/${subscriptionId}/cancel`, body),
  );
  const parked = eventually(
    'the poison is parked',
    async () => ((await operationNow(poison.id)).status === 'parked' ? true : undefined),
    120_000,
  );
  let deaths = 0;
  const said: LogLine[] = [];
  for (let isParked = false; !isParked;) {
    const failpoints = { 'cancellation.cutting': 'kill' };
    const worker = await startWorker({ queues: ['cancellations'], failpoints });
    isParked = await Promise.race([parked, worker.exited.then(() => false)]);
    said.push(...worker.lines);
    if (isParked) await worker.stop();
    else deaths += 1;
  }
  const held = await operationNow(poison.id);
  const lock = await collectionsOf(await database()).subscriptions.findOne({ _id: subscriptionId });
  const worker = await startWorker({ queues: ['cancellations'] });
  const operator = await person('operator@commissary.example');
  await must(200, operator.post(`/v1/operations/${poison.id}/resume`));
  const end = await succeeded(admin, poison);
  await worker.stop();
  return { deaths, said, held, lock: lock?.operationId, poison, end };
};
