import { beforeEach, describe, expect, it } from '@jest/globals';
import { Courtesy } from '@commissary/worker';
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
  it('rests while a purchase is open, for a while at most; not when there is none', async () => {
    expect(await new Courtesy(worker.runs).giveWay()).toBe(false);
    const purchase = await aPurchase(world, tenancy);
    const began = performance.now();
    expect(await new Courtesy(worker.runs).giveWay()).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(100);
    await runToEnd(world, worker, purchase);
    expect(await new Courtesy(worker.runs).giveWay()).toBe(false);
  });

  it('goes on as soon as the purchase has ended, and remembers it for a moment', async () => {
    const purchase = await aPurchase(world, tenancy);
    const courtesy = new Courtesy(worker.runs);
    const resting = courtesy.giveWay();
    await worker.handle(purchase);
    expect((await current(world, purchase)).status).toBe('succeeded');
    expect(await resting).toBe(true);
    expect(await courtesy.giveWay()).toBe(true);
  });

  it('does not wait for a purchase that waits for its provider itself', async () => {
    const cutOff = await suite.another({ cutOffFromProvider: true });
    const purchase = await aPurchase(world, tenancy);
    await cutOff.handle(purchase);
    await worker.runs.release(await current(world, purchase), 60_000, 'provider');
    const { nextRunAt } = await current(world, purchase);
    expect(nextRunAt.getTime()).toBeGreaterThan(world.clock.now().getTime());
    expect(await new Courtesy(worker.runs).giveWay()).toBe(false);
    await runToEnd(world, worker, purchase);
  });
});
