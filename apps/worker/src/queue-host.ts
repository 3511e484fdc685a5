import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { QueueName } from '@commissary/contracts';
import type { Logger, WorkerEnv } from '@commissary/platform';
import { type Handlers, QueueProcessor } from '@commissary/queue';

/** The life of a queue's one processor within the application: it starts last and stops first. [OPS-3] */
export abstract class QueueHost<Q extends QueueName>
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly processor: QueueProcessor<Q>;

  protected constructor(
    queue: Q,
    concurrency: number,
    handlers: Handlers<Q>,
    env: WorkerEnv,
    logger: Logger,
  ) {
    this.processor = new QueueProcessor({
      queue,
      concurrency,
      handlers,
      redisUrl: env.REDIS_URL,
      prefix: env.QUEUE_PREFIX,
      log: logger,
    });
  }

  onApplicationBootstrap(): void {
    this.processor.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.processor.stop();
  }
}
