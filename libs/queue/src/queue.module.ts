import { BullModule } from '@nestjs/bullmq';
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { QUEUES } from '@commissary/contracts';
import { producerConnection, type QueueConnection } from './connection.js';
import { JobProducer, QUEUE_CONNECTION } from './job-producer.js';
import { PatientWorker } from './patient-worker.js';
import { queuePrefix, type QueueSettings, sharedQueueOptions } from './queue-options.js';

const QUEUE_SETTINGS = Symbol('QueueSettings');

export interface QueueModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  inject?: FactoryProvider['inject'];
  useFactory: FactoryProvider<QueueSettings>['useFactory'];
}

/** The settings and the producers' connection, which the queues and the producer share. */
@Module({})
class QueueConnectionModule implements OnApplicationShutdown {
  constructor(@Inject(QUEUE_CONNECTION) private readonly connection: QueueConnection) {}

  static register({ imports = [], inject = [], useFactory }: QueueModuleAsyncOptions): DynamicModule {
    return {
      module: QueueConnectionModule,
      global: true,
      imports,
      providers: [
        { provide: QUEUE_SETTINGS, inject, useFactory },
        {
          provide: QUEUE_CONNECTION,
          inject: [QUEUE_SETTINGS],
          useFactory: ({ redisUrl }: QueueSettings) => producerConnection(redisUrl),
        },
      ],
      exports: [QUEUE_SETTINGS, QUEUE_CONNECTION],
    };
  }

  /** BullMQ closes no connection that it was given. */
  onApplicationShutdown(): void {
    this.connection.disconnect();
  }
}

/**
 * Every queue of `@commissary/contracts` as a provider (`@InjectQueue(name)`), and the `JobProducer`, for the whole application.
 *
 *     QueueModule.forRootAsync({
 *       inject: [ConfigService],
 *       useFactory: (config: ConfigService<WorkerEnv, true>) => ({
 *         redisUrl: config.get('REDIS_URL', { infer: true }),
 *         prefix: config.get('QUEUE_PREFIX', { infer: true }),
 *       }),
 *     })
 */
@Module({})
export class QueueModule {
  static forRootAsync(options: QueueModuleAsyncOptions): DynamicModule {
    BullModule.workerClass = PatientWorker;
    const queues = BullModule.registerQueueAsync(
      ...QUEUES.map((name) => ({
        name,
        inject: [QUEUE_SETTINGS],
        useFactory: ({ prefix }: QueueSettings) => ({ prefix: queuePrefix(prefix, name) }),
      })),
    );
    return {
      module: QueueModule,
      global: true,
      imports: [
        QueueConnectionModule.register(options),
        BullModule.forRootAsync({ inject: [QUEUE_CONNECTION], useFactory: sharedQueueOptions }),
        queues,
      ],
      providers: [JobProducer],
      exports: [JobProducer, queues],
    };
  }
}
