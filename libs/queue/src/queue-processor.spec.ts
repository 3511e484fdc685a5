import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DelayedError, type Job } from 'bullmq';
import { DONE, type Handlers, QueueProcessor } from './queue-processor.js';

const PAYLOAD = { v: 1, operationId: 'op_1', tenantId: 'ten_1' };

/** The worker that @nestjs/bullmq gives a processor, as far as a processor uses it. */
class FakeWorker {
  readonly calls: string[] = [];
  constructor(readonly name: string) {}
  async run(): Promise<void> {
    this.calls.push('run');
  }
  async close(): Promise<void> {
    this.calls.push('close');
  }
}

class PurchasesProcessor extends QueueProcessor<'purchases'> {
  constructor(
    protected readonly handlers: Handlers<'purchases'>,
    readonly logged: string[],
    worker: FakeWorker,
  ) {
    super({ warn: (_fields, message) => void logged.push(message) });
    Object.assign(this, { _worker: worker });
  }
}

const HANDLERS: Handlers<'purchases'> = {
  'purchase.run': async () => DONE,
  'seat-change.run': async () => DONE,
};

const processorOf = (handlers: Handlers<'purchases'> = HANDLERS, worker = new FakeWorker('purchases')) =>
  new PurchasesProcessor(handlers, [], worker);

const jobOf = (name: string, data: unknown) => {
  const moveToDelayed = jest.fn<Job['moveToDelayed']>();
  return { moveToDelayed, job: { id: 'op_1-0', name, data, moveToDelayed } as unknown as Job };
};

describe('the processor of a queue', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('gives a job, parsed, to the handler of its name', async () => {
    const run = jest.fn<Handlers<'purchases'>['seat-change.run']>().mockResolvedValue(DONE);
    const { job, moveToDelayed } = jobOf('seat-change.run', PAYLOAD);
    await processorOf({ ...HANDLERS, 'seat-change.run': run }).process(job, 'token');
    expect(run.mock.calls).toEqual([[PAYLOAD]]);
    expect(moveToDelayed).not.toHaveBeenCalled();
  });

  it.each([
    ['of a name from a later version', 'purchase.reconsider', PAYLOAD],
    ['of a later version', 'purchase.run', { ...PAYLOAD, v: 2 }],
    ['named like a property of every object', 'constructor', PAYLOAD],
  ])('delays a job %s by 30 seconds', async (_, name, data) => {
    const { job, moveToDelayed } = jobOf(name, data);
    const processor = processorOf();
    await expect(processor.process(job, 'token')).rejects.toThrow(DelayedError);
    expect(moveToDelayed.mock.calls).toEqual([[1_030_000, 'token']]);
    expect(processor.logged).toHaveLength(1);
  });

  it.each([
    [250, 1_000_250],
    [-5, 1_000_000],
  ])('delays a job whose work is due in %d ms', async (inMs, until) => {
    const { job, moveToDelayed } = jobOf('purchase.run', PAYLOAD);
    const later = async () => ({ kind: 'later', inMs }) as const;
    await expect(processorOf({ ...HANDLERS, 'purchase.run': later }).process(job, 'token')).rejects.toThrow(
      DelayedError,
    );
    expect(moveToDelayed.mock.calls).toEqual([[until, 'token']]);
  });

  it('delays a job by a second when its handler throws, and says what it threw', async () => {
    const { job, moveToDelayed } = jobOf('purchase.run', PAYLOAD);
    const processor = processorOf({
      ...HANDLERS,
      'purchase.run': () => Promise.reject(new Error('no database')),
    });
    await expect(processor.process(job, 'token')).rejects.toThrow(DelayedError);
    expect(moveToDelayed.mock.calls).toEqual([[1_001_000, 'token']]);
    expect(processor.logged).toHaveLength(1);
  });

  it('[OPS-3] starts its worker when the application is up, and closes it when the application begins to stop', async () => {
    const worker = new FakeWorker('purchases');
    const processor = processorOf(HANDLERS, worker);
    expect(worker.calls).toEqual([]);
    processor.onApplicationBootstrap();
    await processor.beforeApplicationShutdown();
    expect(worker.calls).toEqual(['run', 'close']);
  });

  it('refuses to start without a handler for every job of its queue', () => {
    const { 'purchase.run': only } = HANDLERS;
    const worker = new FakeWorker('purchases');
    const incomplete = processorOf({ 'purchase.run': only } as Handlers<'purchases'>, worker);
    expect(() => incomplete.onApplicationBootstrap()).toThrow(
      'The queue purchases has no handler for seat-change.run.',
    );
    expect(() => processorOf(HANDLERS, new FakeWorker('renewals')).onApplicationBootstrap()).toThrow(
      'The queue renewals has no handler for renewal.run, lifecycle.sweep.',
    );
    expect(worker.calls).toEqual([]);
  });
});
