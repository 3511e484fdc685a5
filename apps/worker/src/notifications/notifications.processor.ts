import { Processor } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Logger } from '@commissary/platform';
import { type Handlers, QueueProcessor, WORKER_OPTIONS } from '@commissary/queue';
import { LOGGER } from '../tokens.js';
import { SendNotificationHandler } from './send-notification.handler.js';

@Processor('notifications', { ...WORKER_OPTIONS, concurrency: 20 })
export class NotificationsProcessor extends QueueProcessor<'notifications'> {
  protected readonly handlers: Handlers<'notifications'>;

  constructor(handler: SendNotificationHandler, @Inject(LOGGER) logger: Logger) {
    super(logger);
    this.handlers = { 'notification.send': (job) => handler.handle(job) };
  }
}
