import { Worker, type WorkerOptions } from 'bullmq';
import { type QueueConnection, workerConnection } from './connection.js';

/**
 * The worker class of `BullModule`. @nestjs/bullmq gives a worker the connection of its queue, which fails fast; this one takes a
 * patient connection to the same Redis instead.
 */
export class PatientWorker extends Worker {
  constructor(
    name: string,
    processor: ConstructorParameters<typeof Worker>[1],
    options: WorkerOptions & { connection: QueueConnection },
  ) {
    const connection = workerConnection(options.connection);
    super(name, processor, { ...options, connection });
    // BullMQ has made its own duplicates, which it also closes.
    connection.disconnect();
  }
}
