import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, type Type } from '@nestjs/common';
import { ApplicationConfig, ModuleRef, ModulesContainer, NestFactory } from '@nestjs/core';
import { QUEUES, type QueueName } from '@commissary/contracts';
import { BadSettingError, readWorkerEnv } from '@commissary/platform';
import { startFailure } from './start-failure.js';
import { WorkerModule } from './worker.module.js';

const settings = (queues: string) =>
  readWorkerEnv({
    MONGODB_URI: 'mongodb://127.0.0.1/commissary',
    REDIS_URL: 'redis://127.0.0.1',
    PUBLIC_URL: 'http://127.0.0.1',
    PAYMENTS_URL: 'http://127.0.0.1',
    SMTP_URL: 'smtp://127.0.0.1',
    WORKER_QUEUES: queues,
  });

/** Nest's preview resolves the dependencies of every provider and makes none of them, so that nothing is connected. */
const preview = (module: Parameters<typeof NestFactory.createApplicationContext>[0]) =>
  NestFactory.createApplicationContext(module, { preview: true, logger: false, abortOnError: false });

describe('the module of a worker', () => {
  it.each([...QUEUES, QUEUES.join(',')])('finds every provider that a worker of %s needs', async (queues) => {
    await expect(preview(WorkerModule.register(settings(queues)))).resolves.toBeDefined();
  });

  it('does not start for a queue that does not exist', () => {
    expect(() => WorkerModule.register(settings('purchases,nothing'))).toThrow(BadSettingError);
  });

  it('has exactly one processor for each queue that it serves', async () => {
    for (const queue of QUEUES) expect(await processorsOf(queue)).toEqual([queue]);
    expect((await processorsOf(...QUEUES)).toSorted()).toEqual([...QUEUES].toSorted());
  });

  it('has every class of ours once, so that what one keeps in memory holds for the whole process', async () => {
    const names = (await classesOf(...QUEUES)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['BulkWorkThrottle', 'MailWakeUp', 'OperationRunner']));
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  });
});

/** Nest gives these to every module. */
const OF_EVERY_MODULE: unknown[] = [ApplicationConfig, ModuleRef];

/** The providers of all modules that are classes or stand for one. */
const classesOf = async (...queues: QueueName[]): Promise<Type[]> => {
  const app = await preview(WorkerModule.register(settings(queues.join(','))));
  return [...app.get(ModulesContainer).values()].flatMap(({ providers, metatype: module, name }) =>
    [...providers.values()]
      .map(({ token }) => token)
      .filter((token): token is Type => typeof token === 'function')
      .filter(
        (token) => token !== module && name !== 'InternalCoreModule' && !OF_EVERY_MODULE.includes(token),
      ),
  );
};

/** The queues of the classes with `@Processor`, as @nestjs/bullmq finds them. */
const processorsOf = async (...queues: QueueName[]): Promise<string[]> =>
  (await classesOf(...queues)).flatMap((token) => {
    const processor = Reflect.getMetadata('bullmq:processor_metadata', token) as { name: string } | undefined;
    return processor ? [processor.name] : [];
  });

describe('a failed start', () => {
  it("says Nest's first line, which names the provider that is missing", async () => {
    @Injectable()
    class Missing {}
    @Injectable()
    class Needing {
      constructor(readonly missing: Missing) {}
    }
    @Module({ providers: [Needing] })
    class Incomplete {}

    const failure: unknown = await preview(Incomplete).catch((error: unknown) => error);
    expect(startFailure(failure)).toMatch(
      /^The worker could not start: Nest can't resolve dependencies of the Needing .*$/,
    );
  });

  it('says a bad setting as it is', () => {
    expect(startFailure(new BadSettingError('Bad settings. PORT: no.'))).toBe('Bad settings. PORT: no.');
  });
});
