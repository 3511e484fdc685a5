import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AssignmentOutcomesView, OperationView } from '@commissary/contracts';
import { database } from '../e2e/support/database.js';
import { eventually } from '../e2e/support/eventually.js';
import { newUser, person } from '../e2e/support/people.js';
import { must, type Person } from '../e2e/support/person.js';
import { buy, subscription } from '../e2e/support/shop.js';
import { pidOf, signal, stack } from '../e2e/support/stack.js';
import { Caller, type PlainAnswer } from './support/at-gateway.js';
import { ensureFaultStack, FULL } from './support/fault-stack.js';
import { figure, spread } from './support/figures.js';
import { allWell, post, prepared, type Prepared } from './support/load.js';
import { expectNothingWrong } from './support/nothing-wrong.js';
import { killedAndBack, mongodSteppedDown } from './support/outsiders.js';
import { persist } from './support/persistent.js';
import { seededFor } from './support/seed.js';
import { type Service, startWorker } from './support/service.js';
import { collectionsOf } from '../support/driver.js';

const ROUNDS = FULL ? 10 : 1;

let worker: Service;

beforeAll(async () => {
  await ensureFaultStack();
  worker = await startWorker({ queues: ['purchases'] });
});
afterAll(async () => {
  await worker.stop();
});
afterEach(expectNothingWrong);

const LOAD_FOR_MS = 3_000;

/** Purchases and assignments all the time, each asked again with its key until it is answered; what was answered 2xx. */
const underLoad = async (fault: () => Promise<void>) => {
  const random = seededFor('mongod under load');
  const owner = await person('alex@contoso.example');
  const { subscriptionId } = await buy(owner, { quantity: 10_000 });
  const user = await newUser();
  const purchases = await prepared();
  const accepted = Promise.all(
    purchases.map(async ({ buyer, body }) => {
      await delay(random.int(0, LOAD_FOR_MS));
      return must(202, persist<OperationView>(buyer, '/v1/purchases', body));
    }),
  );
  const path = `/v1/subscriptions/${subscriptionId}/licenses`;
  const assigned = assignedAndRemoved(owner, path, user.id);
  await delay(random.int(200, 1_000));
  await fault();
  return { purchases, accepted: await accepted, assigned: await assigned, owner, subscriptionId };
};

/** One user in and out of a seat; each request is answered in the end, and what it says is what is. */
const assignedAndRemoved = async (owner: Person, path: string, user: string): Promise<string[]> => {
  const outcomes: string[] = [];
  const until = performance.now() + LOAD_FOR_MS;
  while (performance.now() < until) {
    for (const ask of [path, `${path}/remove`]) {
      const key = randomUUID();
      const { items } = await must(
        200,
        persist<AssignmentOutcomesView>(owner, ask, { users: [user] }, { key }),
      );
      outcomes.push(items[0]?.outcome ?? 'nothing');
    }
  }
  return outcomes;
};

const FAULTS: Record<string, () => Promise<void>> = {
  'killed the hard way': () => killedAndBack('mongod'),
  'stopped and started again': async () => {
    const pid = pidOf('mongod');
    signal('mongod', 'SIGTERM');
    while (pidOfOrNull('mongod') === pid) await delay(50);
  },
  'stepped down': mongodSteppedDown,
};

const pidOfOrNull = (name: string): number | null => {
  try {
    return pidOf(name);
  } catch {
    return null;
  }
};

/** With all its waiting (heartbeats missed, what was begun given up, no other primary found), on a busy machine. */
const ANSWERS_WITHIN_MS = 20_000;
const RUN_ENDS_WITHIN_MS = 60_000;
/** The run that meets the frozen mongod stands inside a transaction. */
const IN_TRANSACTION = { 'purchase.recording': 'delay:3000' };

/** What requests are answered, again and again until somebody else is done. */
const askedUntil = async (caller: Caller, body: unknown, over: Promise<unknown>): Promise<PlainAnswer[]> => {
  const answers: PlainAnswer[] = [];
  let isOver = false;
  const ask = async (): Promise<void> => {
    do {
      const given = [
        caller.get('/v1/subscriptions'),
        caller.post('/v1/purchases', body),
        caller.post('/v1/payment-methods', { token: 'tok_visa' }),
      ];
      answers.push(...(await Promise.all(given)));
    } while (!isOver);
  };
  await Promise.all([ask(), over.finally(() => (isOver = true))]);
  return answers;
};

describe('mongod', () => {
  it('frozen: requests are answered 503 and a run ends, and what is asked again is done once it goes on [OPS-4] [EXT-1]', async () => {
    const [first, doubtful, ...rest] = (await prepared()) as [Prepared, Prepared, ...Prepared[]];
    await worker.stop();
    worker = await startWorker({ queues: ['purchases'], failpoints: IN_TRANSACTION });
    const caller = await Caller.at(stack().gatewayUrl, doubtful.buyer.email);
    const before = await must(202, first.buyer.post<OperationView>('/v1/purchases', first.body));
    await worker.logged(({ msg, operation }) => msg === 'run started' && operation === before.id);
    await delay(1_000);
    const pid = signal('mongod', 'SIGSTOP');
    const frozenAt = performance.now();
    const ending = worker
      .logged(({ msg }) => msg === 'run failed', RUN_ENDS_WITHIN_MS)
      .then(() => performance.now() - frozenAt);
    const answers = await askedUntil(caller, doubtful.body, ending).finally(() =>
      process.kill(pid, 'SIGCONT'),
    );
    figure(`mongod frozen: answers after ${spread(answers.map(({ tookMs }) => tookMs))}`);
    figure(`mongod frozen: a run ended after ${((await ending) / 1000).toFixed(1)} s`);
    for (const { status, problem, retryAfter, tookMs } of answers) {
      expect([status, problem?.code, retryAfter]).toEqual([503, 'unavailable', '2']);
      expect(tookMs).toBeLessThan(ANSWERS_WITHIN_MS);
    }
    await worker.stop();
    worker = await startWorker({ queues: ['purchases'] });
    // The doubtful one may have been taken although nobody was told so.
    await allWell([first, ...rest], [before, ...(await post(rest))]);
    const { operations } = collectionsOf(await database());
    await eventually('all has ended', async () => {
      const open = await operations.countDocuments({ status: { $in: ['accepted', 'running'] } });
      return open === 0 ? true : undefined;
    });
  });

  it.each(Object.keys(FAULTS).flatMap((name) => Array.from({ length: ROUNDS }, () => name)))(
    '%s under load: every 2xx is there, and the books balance [OPS-4] [EXT-1]',
    async (name) => {
      const { purchases, accepted, assigned, owner, subscriptionId } = await underLoad(FAULTS[name]!);
      await allWell(purchases, accepted);
      // An answer that was lost is given again under its key, so that the outcomes alternate.
      expect(assigned).toEqual(assigned.map((_, i) => (i % 2 === 0 ? 'assigned' : 'removed')));
      const { seats } = await subscription(owner, subscriptionId);
      expect(seats).toMatchObject({ purchased: 10_000, reserved: 0 });
      expect(seats.assigned).toBeLessThanOrEqual(1);
    },
  );
});
