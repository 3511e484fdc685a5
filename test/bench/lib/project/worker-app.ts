import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { PaymentProvider } from '@commissary/payments';
import { readWorkerEnv } from '@commissary/platform';
import { JobProducer } from '@commissary/queue';
import { Database } from '@commissary/store';
import type { QueueName } from '@commissary/contracts';
import { Dispatcher, OperationRunner, PAYMENT_PROVIDER, WorkerModule } from '@commissary/worker';
import type { StoreAddresses } from '../side-contract.js';
import { instantProvider } from './instant-provider.js';

/** Nobody listens there: what a bench does never gets that far. */
const NOWHERE = '127.0.0.1:9';

/** A worker process of one queue: the application itself, but for the network to the payment provider. */
export interface WorkerApp {
  database: Database;
  producer: JobProducer;
  /** The dispatcher ticks while `work` lasts; between runs it would take up what is loaded for the next one. */
  whileDispatching<T>(work: () => Promise<T>): Promise<T>;
  /** Called with the operation's id after each job. */
  onJob(listener: (operationId: string) => void | Promise<void>): void;
  close(): Promise<void>;
}

export const openWorkerApp = async (at: StoreAddresses, queue: QueueName): Promise<WorkerApp> => {
  const env = readWorkerEnv({
    MONGODB_URI: at.mongodbUri,
    REDIS_URL: at.redisUrl,
    QUEUE_PREFIX: at.queuePrefix,
    PAYMENTS_URL: `http://${NOWHERE}`,
    PUBLIC_URL: `http://${NOWHERE}`,
    SMTP_URL: `smtp://${NOWHERE}`,
    WORKER_QUEUES: queue,
    PORT: '0',
  });
  const app = await NestFactory.createApplicationContext(WorkerModule.register(env), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  Object.assign(app.get<PaymentProvider>(PAYMENT_PROVIDER), instantProvider());
  const gate = gateDispatcher(app.get(Dispatcher));
  const runner = app.get(OperationRunner);
  await app.init();
  return {
    database: app.get(Database),
    producer: app.get(JobProducer),
    whileDispatching: gate,
    onJob: (listener) => {
      const handle = runner.handle.bind(runner);
      runner.handle = async (handler, job) => {
        const outcome = await handle(handler, job);
        await listener(job.operationId);
        return outcome;
      };
    },
    close: async () => {
      runner.stop();
      await app.close();
    },
  };
};

const gateDispatcher = (dispatcher: Dispatcher): WorkerApp['whileDispatching'] => {
  const tick = dispatcher.tick.bind(dispatcher);
  let open = false;
  dispatcher.tick = async () => {
    if (open) await tick();
  };
  return async (work) => {
    open = true;
    return work().finally(() => {
      open = false;
    });
  };
};
