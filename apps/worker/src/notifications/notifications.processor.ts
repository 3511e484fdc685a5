import { Inject, Injectable } from '@nestjs/common';
import type { Logger, WorkerEnv } from '@commissary/platform';
import { QueueHost } from '../queue-host.js';
import { LOGGER, WORKER_ENV } from '../tokens.js';
import { SendNotificationHandler } from './send-notification.handler.js';

const CONCURRENCY = 20;

@Injectable()
export class NotificationsProcessor extends QueueHost<'notifications'> {
  constructor(
    handler: SendNotificationHandler,
    @Inject(WORKER_ENV) env: WorkerEnv,
    @Inject(LOGGER) logger: Logger,
  ) {
    super('notifications', CONCURRENCY, { 'notification.send': (job) => handler.handle(job) }, env, logger);
  }
}
