import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { MailSender } from '@commissary/mail';
import { Failpoints, type Logger } from '@commissary/platform';
import { DatabaseClock, NotificationsRepository } from '@commissary/store';
import { RepositoriesModule } from '../repositories.module.js';
import type { Settings } from '../settings.js';
import { LOGGER, WORKER_NAME } from '../tokens.js';
import { NotificationsProcessor } from './notifications.processor.js';
import { SendNotificationHandler } from './send-notification.handler.js';

@Module({
  imports: [RepositoriesModule],
  providers: [
    NotificationsProcessor,
    {
      provide: MailSender,
      useFactory: (config: Settings) =>
        new MailSender({
          smtpUrl: config.get('SMTP_URL', { infer: true }),
          from: config.get('MAIL_FROM', { infer: true }),
        }),
      inject: [ConfigService],
    },
    {
      provide: SendNotificationHandler,
      useFactory: (
        notifications: NotificationsRepository,
        sender: MailSender,
        config: Settings,
        worker: string,
        clock: DatabaseClock,
        logger: Logger,
        failpoints: Failpoints,
      ) =>
        new SendNotificationHandler({
          notifications,
          sender,
          publicUrl: config.get('PUBLIC_URL', { infer: true }),
          worker,
          clock,
          logger,
          failpoints,
        }),
      inject: [
        NotificationsRepository,
        MailSender,
        ConfigService,
        WORKER_NAME,
        DatabaseClock,
        LOGGER,
        Failpoints,
      ],
    },
  ],
})
export class NotificationsModule implements OnApplicationShutdown {
  constructor(@Inject(MailSender) private readonly sender: MailSender) {}

  onApplicationShutdown(): void {
    this.sender.close();
  }
}
