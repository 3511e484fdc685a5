import { hostname } from 'node:os';
import { Global, Inject, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { createPaymentProvider, type PaymentProvider } from '@commissary/payments';
import { createLogger, Failpoints, type Logger } from '@commissary/platform';
import { Database, DatabaseClock, requireMigrated } from '@commissary/store';
import type { Settings } from './settings.js';
import { LOGGER, PAYMENT_PROVIDER, WORKER_NAME } from './tokens.js';

const connectDatabase = async (config: Settings): Promise<Database> => {
  const uri = config.get('MONGODB_URI', { infer: true });
  const database = await Database.connect({ uri, appName: 'commissary-worker' });
  await requireMigrated(database);
  return database;
};

const providers: Provider[] = [
  { provide: WORKER_NAME, useValue: `${hostname()}:${process.pid}` },
  {
    provide: LOGGER,
    inject: [ConfigService],
    useFactory: (config: Settings): Logger =>
      createLogger('worker', config.get('LOG_LEVEL', { infer: true })),
  },
  {
    provide: Failpoints,
    inject: [ConfigService],
    useFactory: (config: Settings) => new Failpoints(config.get('FAILPOINTS', { infer: true })),
  },
  {
    provide: PAYMENT_PROVIDER,
    inject: [ConfigService],
    useFactory: (config: Settings): PaymentProvider =>
      createPaymentProvider({
        PAYMENTS: config.get('PAYMENTS', { infer: true }),
        PAYMENTS_URL: config.get('PAYMENTS_URL', { infer: true }),
        STRIPE_SECRET_KEY: config.get('STRIPE_SECRET_KEY', { infer: true }),
        STRIPE_API_URL: config.get('STRIPE_API_URL', { infer: true }),
      }),
  },
  { provide: Database, inject: [ConfigService], useFactory: connectDatabase },
  {
    provide: DatabaseClock,
    inject: [Database],
    useFactory: (database: Database) => DatabaseClock.start(database),
  },
];

/** What the whole worker shares: log, failpoints, payment provider, database and its clock. Closed last. */
@Global()
@Module({ providers, exports: providers })
export class InfrastructureModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DatabaseClock) private readonly clock: DatabaseClock,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.clock.stop();
    await this.database.close();
  }
}
