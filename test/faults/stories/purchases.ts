import { setTimeout as delay } from 'node:timers/promises';
import { database } from '../../e2e/support/database.js';
import { eventually } from '../../e2e/support/eventually.js';
import { succeeded } from '../../e2e/support/operations.js';
import { chargesOf } from '../../e2e/support/outside.js';
import { person } from '../../e2e/support/people.js';
import { order, purchaseOutcome } from '../../e2e/support/shop.js';
import { FULL } from '../support/fault-stack.js';
import { operationNow } from '../support/moves.js';
import { startWorker } from '../support/service.js';
import { begun } from '../support/stories.js';
import { collectionsOf } from '../../support/driver.js';

const LEASE_MS = 10_000;

const dieBetweenChargeAndRecord = async () => {
  const buyers = await Promise.all(
    ['alex', 'blake', 'casey'].map((name) => person(`${name}@contoso.example`)),
  );
  const operations = await Promise.all(buyers.map((buyer) => order(buyer, { quantity: 2 })));
  const dying = await startWorker({ queues: ['purchases'], failpoints: { 'purchase.charged': 'kill' } });
  const exit = await dying.ended('a purchase was charged, and its worker died of it');
  const next = await startWorker({ queues: ['purchases'] });
  const ends = await Promise.all(operations.map((operation, i) => succeeded(buyers[i]!, operation)));
  await next.stop();
  const charges = await Promise.all(ends.map((end) => chargesOf(purchaseOutcome(end).orderId)));
  return { exit, charges };
};

/** Frozen past its lease while another worker takes over; what the first one then tries to write. */
const freezeAWorker = async () => {
  const buyer = await person('user@litware.example');
  const frozen = await startWorker({
    queues: ['purchases'],
    failpoints: { 'purchase.asking': 'delay:5000' },
  });
  const operation = await order(buyer);
  await frozen.logged(({ msg, operation: id }) => msg === 'run started' && id === operation.id);
  // Between its first step and the charge.
  await eventually('the order is on record', async () =>
    (await operationNow(operation.id)).step === 'charging' ? true : undefined,
  );
  frozen.signal('SIGSTOP');
  const since = performance.now();
  const second = await startWorker({ queues: ['purchases'] });
  const end = await succeeded(buyer, operation);
  const pastLeaseMs = LEASE_MS + (FULL ? 30_000 : 1_000);
  await delay(Math.max(0, pastLeaseMs - (performance.now() - since)));
  frozen.signal('SIGCONT');
  const refused = await frozen.logged(
    ({ msg, operation: id }) => msg?.includes('lease lost') === true && id === operation.id,
  );
  const after = await operationNow(operation.id);
  await Promise.all([frozen.stop(), second.stop()]);
  return { refused, end, after, charges: await chargesOf(purchaseOutcome(end).orderId) };
};

const TEN_MINUTES = 10 * 60_000;

/** What two workers with wrong clocks, one after the other, wrote of time: how far off the server's, ms. */
const workWithWrongClocks = async (): Promise<number[]> => {
  const buyer = await person('sam@contoso.example');
  const off: number[] = [];
  for (const clockOffMs of [TEN_MINUTES, -TEN_MINUTES]) {
    const worker = await startWorker({ queues: ['purchases'], clockOffMs });
    const end = await succeeded(buyer, await order(buyer));
    await worker.stop();
    const { subscriptionId, orderId } = purchaseOutcome(end);
    const collections = collectionsOf(await database());
    const [subscription, paid] = await Promise.all([
      collections.subscriptions.findOne({ _id: subscriptionId }),
      collections.orders.findOne({ _id: orderId }),
    ]);
    const times = [subscription?.startedAt, subscription?.termStartedAt, paid?.createdAt, paid?.settledAt];
    const endedAt = Date.parse(end.endedAt ?? '');
    off.push(...times.map((time) => Math.abs((time?.getTime() ?? 0) - endedAt)));
  }
  return off;
};

/** On the queue of purchases one after the other, for each needs the workers it has, and no other. */
export const purchaseStories = () => {
  const charged = begun(dieBetweenChargeAndRecord);
  const frozen = begun(() => charged.catch(() => undefined).then(freezeAWorker));
  const clocks = begun(() => frozen.catch(() => undefined).then(workWithWrongClocks));
  return { charged, frozen, clocks };
};
