import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { MailSender } from '@commissary/mail';
import { Failpoints, type Logger, type WorkerEnv } from '@commissary/platform';
import { DatabaseClock, NotificationsRepository } from '@commissary/store';
import { LOGGER, WORKER_ENV, WORKER_NAME } from '../tokens.js';
import { NotificationsProcessor } from './notifications.processor.js';
import { SendNotificationHandler } from './send-notification.handler.js';

@Module({
  providers: [
    NotificationsProcessor,
    {
      provide: MailSender,
      useFactory: (env: WorkerEnv) => new MailSender({ smtpUrl: env.SMTP_URL, from: env.MAIL_FROM }),
      inject: [WORKER_ENV],
    },
    {
      provide: SendNotificationHandler,
      useFactory: (
        notifications: NotificationsRepository,
        sender: MailSender,
        env: WorkerEnv,
        worker: string,
        clock: DatabaseClock,
        logger: Logger,
        failpoints: Failpoints,
      ) =>
        new SendNotificationHandler({
          notifications,
          sender,
          publicUrl: env.PUBLIC_URL,
          worker,
          clock,
          logger,
          failpoints,
        }),
      inject: [
        NotificationsRepository,
        MailSender,
        WORKER_ENV,
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
