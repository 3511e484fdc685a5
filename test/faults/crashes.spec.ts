import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { database } from '../e2e/support/database.js';
import { person } from '../e2e/support/people.js';
import { buy } from '../e2e/support/shop.js';
import { mailStories } from './stories/mails.js';
import { killTheMover, KILLS, RESUMES_WITHIN_MS } from './stories/mover.js';
import { poisonTheWorker } from './stories/poison.js';
import { purchaseStories } from './stories/purchases.js';
import { ensureFaultStack } from './support/fault-stack.js';
import { figure, spread } from './support/figures.js';
import { expectTakenOver, expectMailedOnce } from './support/large-move.js';
import { mailsOut } from './support/mails-out.js';
import { expectNothingWrong, expectNothingWrongMeanwhile } from './support/nothing-wrong.js';
import { startWorker } from './support/service.js';
import { begun } from './support/stories.js';
import { collectionsOf } from '../support/driver.js';

describe('processes that die, freeze or are wrong about the time', () => {
  let mover: ReturnType<typeof killTheMover>;
  let poison: ReturnType<typeof poisonTheWorker>;
  let purchases: ReturnType<typeof purchaseStories>;
  let mails: ReturnType<typeof mailStories>;

  // Most of it is waiting for leases to run out: the stories overlap.
  beforeAll(async () => {
    await ensureFaultStack();
    const worker = await startWorker({ queues: ['purchases', 'notifications'] });
    const owner = await person('user@relecloud-org.example');
    const [poisonous, used] = await Promise.all([buy(owner), buy(owner, { quantity: 20 })]);
    await mailsOut();
    await worker.stop();
    mover = begun(killTheMover);
    poison = begun(() => poisonTheWorker(poisonous.subscriptionId));
    purchases = purchaseStories();
    mails = begun(() => mailStories(used.subscriptionId));
  });
  afterEach(expectNothingWrongMeanwhile);
  afterAll(expectNothingWrong);

  it('kill -9 between charging and recording: one charge per order, under one key [BUY-6]', async () => {
    const { exit, charges } = await purchases.charged;
    expect(exit.signal).toBe('SIGKILL');
    expect(charges.map((each) => each.map(({ status }) => status))).toEqual([
      ['succeeded'],
      ['succeeded'],
      ['succeeded'],
    ]);
  });

  it('a worker frozen past its lease is refused at its next write, and says so [MOV-3] [BUY-6]', async () => {
    const { refused, end, after, charges } = await purchases.frozen;
    expect(refused).toMatchObject({ fence: 1, level: 40 });
    expect(after).toMatchObject({ status: 'succeeded', fence: 2 });
    // Nothing was written after the second worker had ended it.
    expect(after.endedAt?.toISOString()).toBe(end.endedAt);
    expect(charges).toHaveLength(1);
  });

  it('a worker whose clock is off by 10 minutes writes the time of the server [SUB-1]', async () => {
    const off = await purchases.clocks;
    expect(off).toHaveLength(8);
    expect(Math.max(...off)).toBeLessThan(30_000);
  });

  it.each([
    ['is down', 'down', { status: 'sent', lastError: null }, 1],
    ['says 4xx', 'refuse451', { status: 'sent', lastError: null }, 1],
    ['says 5xx', 'refuse550', { status: 'failed', attempts: 1 }, 0],
    ['drops the connection after the final dot', 'dropAfterData', { status: 'sent', lastError: null }, 2],
  ] as const)('a mail server that %s [MSG-3]', async (_what, mode, row, atLeast) => {
    const end = (await mails).ends.get(mode)!;
    expect(end.row).toMatchObject(row);
    if (mode !== 'dropAfterData') expect(end.mails).toHaveLength(atLeast);
    expect(end.mails.length).toBeGreaterThanOrEqual(atLeast);
    expect(new Set(end.mails.map(({ messageId }) => messageId)).size).toBe(Math.min(1, atLeast));
  });

  it('a worker killed right after the mail server took a mail: again, with the same Message-ID [MSG-3]', async () => {
    const { row, mails: copies } = (await mails).killed;
    expect(row).toMatchObject({ status: 'sent' });
    expect(copies.length).toBeGreaterThanOrEqual(1);
    expect(copies.length).toBeLessThanOrEqual(2);
    expect(new Set(copies.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it(`a move killed ${KILLS} times resumes within 20 s each time and ends right [MOV-3] [MOV-4] [MOV-5]`, async () => {
    const { stage, end, gaps, wrong } = await mover;
    figure(`a killed mover: resumed after ${spread(gaps)}`);
    expect(wrong).toEqual([]);
    expect(gaps).toHaveLength(KILLS);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(RESUMES_WITHIN_MS);
    await expectTakenOver(stage, end, { users: stage.holders });
    await mails;
    const worker = await startWorker({ queues: ['notifications'] });
    await expectMailedOnce(stage, stage.admin);
    await worker.stop();
  });

  it('a job that kills its process is parked after 5 starts, with its lock, while other queues go on [OPS-1]', async () => {
    const { deaths, said, held, lock, poison: operation, end } = await poison;
    const unforeseen = said.filter(
      ({ msg }) => msg === 'run failed' || msg?.startsWith('A job could not be handled'),
    );
    expect({ deaths, unforeseen }).toEqual({ deaths: 5, unforeseen: [] });
    expect(held).toMatchObject({ status: 'parked', starts: 5, step: null });
    expect(lock).toBe(operation.id);
    // Its starts took as long as the leases they left; the purchases and the move above were made meanwhile.
    const others = await collectionsOf(await database()).operations.countDocuments({
      status: 'succeeded',
      startedAt: { $gt: held.createdAt },
      endedAt: { $lt: held.history.at(-1)?.at },
    });
    expect(others).toBeGreaterThan(2);
    expect(end.status).toBe('succeeded');
  });
});
