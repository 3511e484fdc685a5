import { Worker, type WorkerOptions } from 'bullmq';
import { type QueueConnection, workerConnection } from './connection.js';

/**
 * The worker class of `BullModule`. @nestjs/bullmq gives a worker the connection of its queue, which fails fast; this one takes a
 * patient connection to the same Redis instead, of which BullMQ makes the duplicate that waits for jobs.
 */
export class PatientWorker extends Worker {
  private readonly connection: QueueConnection;

  constructor(
    name: string,
    processor: ConstructorParameters<typeof Worker>[1],
    options: WorkerOptions & { connection: QueueConnection },
  ) {
    const connection = workerConnection(options.connection);
    super(name, processor, { ...options, connection });
    this.connection = connection;
  }

  /** BullMQ closes no connection that it was given. */
  override async close(force?: boolean): Promise<void> {
    await super.close(force);
    this.connection.disconnect();
  }
}
