import { Processor } from '@nestjs/bullmq';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { QueueName } from '@commissary/contracts';
import {
  type Handlers,
  type ProcessorLog,
  QueueModule,
  QueueProcessor,
  type QueueSettings,
  WORKER_OPTIONS,
} from '@commissary/queue';

export interface StandaloneOptions<Q extends QueueName> extends QueueSettings {
  queue: Q;
  handlers: Handlers<Q>;
  concurrency: number;
  log: ProcessorLog;
}

@Module({})
class StandaloneModule {}

/** A processor of one queue with the handlers that a test or a benchmark gives it, in a Nest application of its own. */
export class StandaloneProcessor<Q extends QueueName> {
  private app: Promise<INestApplicationContext> | null = null;

  constructor(private readonly options: StandaloneOptions<Q>) {}

  /** Returns before the processor takes its first job; `stop` waits for the start. */
  start(): void {
    const { redisUrl, prefix } = this.options;
    this.app = NestFactory.createApplicationContext(
      {
        module: StandaloneModule,
        imports: [QueueModule.forRootAsync({ useFactory: () => ({ redisUrl, prefix }) })],
        providers: [{ provide: QueueProcessor, useValue: processorOf(this.options) }],
      },
      { logger: false, abortOnError: false },
    );
    // Told to whoever stops it.
    this.app.catch(() => undefined);
  }

  /** Takes no new job and waits for those it has. */
  async stop(): Promise<void> {
    await (await this.app)?.close();
  }
}

const processorOf = <Q extends QueueName>(options: StandaloneOptions<Q>): QueueProcessor<Q> => {
  @Processor(options.queue, { ...WORKER_OPTIONS, concurrency: options.concurrency })
  class TestProcessor extends QueueProcessor<Q> {
    protected readonly handlers = options.handlers;
    constructor() {
      super(options.log);
    }
  }
  return new TestProcessor();
};
