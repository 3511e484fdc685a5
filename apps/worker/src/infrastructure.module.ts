import { hostname } from 'node:os';
import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { createPaymentProvider, type PaymentProvider } from '@commissary/payments';
import { createLogger, Failpoints, type Logger, type WorkerEnv } from '@commissary/platform';
import { JobProducer } from '@commissary/queue';
import {
  BuyerFactsReader,
  CapacityRepository,
  DigestEntriesRepository,
  CatalogRepository,
  Database,
  DatabaseClock,
  DirectoryChanges,
  LicenseChunks,
  MoveTails,
  NotificationsRepository,
  OperationRuns,
  OperationsRepository,
  OrdersRepository,
  PoliciesRepository,
  requireMigrated,
  SubscriptionsRepository,
  TenantsRepository,
  UsersRepository,
} from '@commissary/store';
import { OperationRunner } from './operations/operation-runner.js';
import { LOGGER, PAYMENT_PROVIDER, WORKER_ENV, WORKER_NAME } from './tokens.js';

const settings = (env: WorkerEnv): Provider[] => [
  { provide: WORKER_ENV, useValue: env },
  { provide: WORKER_NAME, useValue: `${hostname()}:${process.pid}` },
  { provide: LOGGER, useValue: createLogger('worker', env.LOG_LEVEL) },
  { provide: Failpoints, useValue: new Failpoints(env.FAILPOINTS) },
  { provide: PAYMENT_PROVIDER, useFactory: (): PaymentProvider => createPaymentProvider(env) },
  {
    provide: JobProducer,
    useFactory: () => new JobProducer({ redisUrl: env.REDIS_URL, prefix: env.QUEUE_PREFIX }),
  },
  {
    provide: Database,
    useFactory: async () => {
      const database = await Database.connect({ uri: env.MONGODB_URI, appName: 'commissary-worker' });
      await requireMigrated(database);
      return database;
    },
  },
  {
    provide: DatabaseClock,
    useFactory: (database: Database) => DatabaseClock.start(database),
    inject: [Database],
  },
];

type Repository = new (database: Database) => object;

const REPOSITORIES: Repository[] = [
  CapacityRepository,
  DigestEntriesRepository,
  CatalogRepository,
  DirectoryChanges,
  LicenseChunks,
  MoveTails,
  NotificationsRepository,
  OperationRuns,
  OperationsRepository,
  OrdersRepository,
  PoliciesRepository,
  SubscriptionsRepository,
  TenantsRepository,
  UsersRepository,
];

const stores: Provider[] = [
  ...REPOSITORIES.map((repository) => ({
    provide: repository,
    useFactory: (database: Database) => new repository(database),
    inject: [Database],
  })),
  {
    provide: BuyerFactsReader,
    useFactory: (database: Database, catalog: CatalogRepository, policies: PoliciesRepository) =>
      new BuyerFactsReader(database, catalog, policies),
    inject: [Database, CatalogRepository, PoliciesRepository],
  },
  {
    provide: OperationRunner,
    useFactory: (
      runs: OperationRuns,
      producer: JobProducer,
      clock: DatabaseClock,
      logger: Logger,
      name: string,
      failpoints: Failpoints,
    ) => new OperationRunner(runs, producer, clock, logger, name, failpoints),
    inject: [OperationRuns, JobProducer, DatabaseClock, LOGGER, WORKER_NAME, Failpoints],
  },
];

/** What every queue's module shares: the connections, the repositories, the clock and the runner. Closed last. */
@Global()
@Module({})
export class InfrastructureModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(JobProducer) private readonly producer: JobProducer,
    @Inject(DatabaseClock) private readonly clock: DatabaseClock,
  ) {}

  static register(env: WorkerEnv): DynamicModule {
    const providers = [...settings(env), ...stores];
    return { module: InfrastructureModule, providers, exports: providers };
  }

  async onApplicationShutdown(): Promise<void> {
    this.clock.stop();
    await this.producer.close();
    await this.database.close();
  }
}
