import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DatabaseClock } from '@commissary/store';
import { BulkWorkThrottle } from '@commissary/worker';
import { current } from '../../support/fixtures/operations.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

describe('bulk work gives way to who waits [MOV-3]', () => {
  /** `later`, ms: no purchase of this test counts as recent any more. */
  const throttle = (later = 0) => {
    const now = () => new Date(world.clock.now().getTime() + later);
    return new BulkWorkThrottle(worker.runs, { now } as DatabaseClock);
  };

  const restOf = async (each: BulkWorkThrottle): Promise<{ waits: boolean; ms: number }> => {
    const began = performance.now();
    return { waits: await each.yieldToPurchases(), ms: performance.now() - began };
  };

  it('rests while a purchase is open, for a while at most; not when there is none', async () => {
    expect(await throttle().yieldToPurchases()).toBe(false);
    const purchase = await aPurchase(world, tenancy);
    const { waits, ms } = await restOf(throttle());
    expect(waits).toBe(true);
    expect(ms).toBeGreaterThan(100);
    await runToEnd(world, worker, purchase);
    expect(await throttle(1_000).yieldToPurchases()).toBe(false);
  });

  it('goes on as soon as the purchase has ended, and remembers it for a moment', async () => {
    const purchase = await aPurchase(world, tenancy);
    const resting = throttle();
    const rest = resting.yieldToPurchases();
    await worker.handle(purchase);
    expect((await current(world, purchase)).status).toBe('succeeded');
    expect(await rest).toBe(true);
    expect(await resting.yieldToPurchases()).toBe(true);
  });

  it('knows of a purchase that came and went between two looks', async () => {
    await runToEnd(world, worker, await aPurchase(world, tenancy));
    const { waits, ms } = await restOf(throttle());
    expect(waits).toBe(true);
    expect(ms).toBeLessThan(100);
  });

  it('does not wait for a purchase that waits for its provider itself', async () => {
    const cutOff = await suite.another({ cutOffFromProvider: true });
    const purchase = await aPurchase(world, tenancy);
    await cutOff.handle(purchase);
    await worker.runs.release(await current(world, purchase), 60_000, 'provider');
    const { nextRunAt } = await current(world, purchase);
    expect(nextRunAt.getTime()).toBeGreaterThan(world.clock.now().getTime());
    expect(await throttle(1_000).yieldToPurchases()).toBe(false);
    await runToEnd(world, worker, purchase);
  });
});
