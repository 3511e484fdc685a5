import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { QUEUES, type QueueName } from '@commissary/contracts';
import { ConfigService } from '@nestjs/config';
import { BadSettingError, type WorkerEnv } from '@commissary/platform';
import { QueueModule } from '@commissary/queue';
import { CancellationsModule } from './cancellations/cancellations.module.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { HealthModule } from './health/health.module.js';
import { InfrastructureModule } from './infrastructure.module.js';
import { LicenseMovesModule } from './license-moves/license-moves.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PurchasesModule } from './purchases/purchases.module.js';
import { RenewalsModule } from './renewals/renewals.module.js';
import { type Settings, settingsModule } from './settings.js';
import { SERVED_QUEUES } from './tokens.js';

/** Exactly one processor per queue; a queue without its module does not compile. */
const MODULE_OF_QUEUE: Record<QueueName, Type> = {
  purchases: PurchasesModule,
  'license-moves': LicenseMovesModule,
  cancellations: CancellationsModule,
  renewals: RenewalsModule,
  notifications: NotificationsModule,
};

/** The queues this process serves: those named, or all. Throws `BadSettingError`. */
export const servedQueues = (env: Pick<WorkerEnv, 'WORKER_QUEUES'>): QueueName[] => {
  const unknown = env.WORKER_QUEUES.filter((name) => !(QUEUES as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw new BadSettingError(
      `Bad settings. WORKER_QUEUES: there is no queue ${unknown.join(', ')}; expected some of ${QUEUES.join(', ')}.`,
    );
  }
  return env.WORKER_QUEUES.length === 0 ? [...QUEUES] : [...new Set(env.WORKER_QUEUES as QueueName[])];
};

const queueModule = QueueModule.forRootAsync({
  inject: [ConfigService],
  useFactory: (config: Settings) => ({
    redisUrl: config.get('REDIS_URL', { infer: true }),
    prefix: config.get('QUEUE_PREFIX', { infer: true }),
  }),
});

@Module({})
export class WorkerModule {
  /** A worker of the queues that WORKER_QUEUES names. Throws `BadSettingError` for a name that no queue has. */
  static register(env: WorkerEnv): DynamicModule {
    const queues = servedQueues(env);
    return {
      module: WorkerModule,
      imports: [
        settingsModule(env),
        InfrastructureModule,
        queueModule,
        OperationsModule,
        ...queues.map((queue) => MODULE_OF_QUEUE[queue]),
        HealthModule,
      ],
      providers: [{ provide: SERVED_QUEUES, useValue: queues }, Dispatcher],
    };
  }
}
