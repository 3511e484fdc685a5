import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Type,
} from '@nestjs/common';
import { Failpoints, type GatewayEnv, type Logger, TokenVerifier } from '@commissary/platform';
import { QueueModule } from '@commissary/queue';
import {
  Database,
  DatabaseClock,
  DirectoryChanges,
  IdempotencyRepository,
  OperationsRepository,
  OrdersRepository,
  requireMigrated,
  SubscriptionsRepository,
  TenantsRepository,
  UsersRepository,
} from '@commissary/store';
import { ENV, LOGGER } from './tokens.js';

/** A repository of `@commissary/store` as a provider; feature modules list their own with it. */
export const provideRepository = <T>(repository: Type<T> & (new (database: Database) => T)) => ({
  provide: repository,
  useFactory: (database: Database) => new repository(database),
  inject: [Database],
});

/** A request is answered within seconds, with 503 `unavailable` if need be; longer than any that a living MongoDB needs. [EXT-1] */
const PATIENCE = { serverSelectionTimeoutMs: 3_000, socketTimeoutMs: 10_000, commitTimeoutMs: 8_000 };

const connectDatabase = async (env: GatewayEnv): Promise<Database> => {
  const database = await Database.connect({
    uri: env.MONGODB_URI,
    appName: 'commissary-gateway',
    ...PATIENCE,
  });
  await requireMigrated(database);
  return database;
};

const REPOSITORIES = [
  DirectoryChanges,
  IdempotencyRepository,
  OperationsRepository,
  OrdersRepository,
  SubscriptionsRepository,
  TenantsRepository,
  UsersRepository,
];

/** What every feature shares: settings, log, database, clock, queues, token check. Closed last, after requests have ended. */
@Global()
@Module({})
export class ConnectionsModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DatabaseClock) private readonly clock: DatabaseClock,
  ) {}

  static forRoot(env: GatewayEnv, logger: Logger): DynamicModule {
    const providers = [
      { provide: ENV, useValue: env },
      { provide: LOGGER, useValue: logger },
      { provide: Failpoints, useValue: new Failpoints(env.FAILPOINTS) },
      { provide: Database, useFactory: () => connectDatabase(env) },
      { provide: DatabaseClock, useFactory: (db: Database) => DatabaseClock.start(db), inject: [Database] },
      {
        provide: TokenVerifier,
        useFactory: (clock: DatabaseClock) =>
          new TokenVerifier({ issuer: env.OIDC_ISSUER, audience: env.OIDC_AUDIENCE, clock }),
        inject: [DatabaseClock],
      },
      ...REPOSITORIES.map((repository) => provideRepository<unknown>(repository)),
    ];
    const queues = QueueModule.forRootAsync({
      useFactory: () => ({ redisUrl: env.REDIS_URL, prefix: env.QUEUE_PREFIX }),
    });
    return {
      module: ConnectionsModule,
      imports: [queues],
      providers,
      exports: providers.map((provider) => provider.provide),
    };
  }

  async onApplicationShutdown(): Promise<void> {
    this.clock.stop();
    await this.database.close();
  }
}
