import { beforeEach, describe, expect, it } from '@jest/globals';
import { Freeze, Muster } from '../../support/fixtures/failures.js';
import { current } from '../../support/fixtures/operations.js';
import { aPurchase } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

describe('a worker of a test that is closed while a run stands at a failpoint', () => {
  it('lets the run go on and waits for its end, so that no heartbeat keeps Jest alive', async () => {
    const purchase = await aPurchase(world, tenancy);
    const frozen = new Freeze('purchase.begun');
    const closed = await suite.another({ failpoints: frozen });
    const run = closed.handle(purchase);
    await frozen.reached;
    await closed.close();
    expect((await current(world, purchase)).status).toBe('succeeded');
    expect(await run).toEqual({ kind: 'done' });
  });

  it('does so for a run that waits for others who never come', async () => {
    const purchase = await aPurchase(world, tenancy);
    let arrived: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    const alone = new (class extends Muster {
      override hit(name: string): Promise<void> {
        if (name === 'purchase.charged') arrived();
        return super.hit(name);
      }
    })('purchase.charged', 2);
    const closed = await suite.another({ failpoints: alone });
    const run = closed.handle(purchase);
    await reached;
    await closed.close();
    expect(await run).toEqual({ kind: 'done' });
    await runToEnd(world, worker, purchase);
  });
});
