import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Failpoints, type GatewayEnv, type Logger, TokenVerifier } from '@commissary/platform';
import { QueueModule } from '@commissary/queue';
import { Database, DatabaseClock, requireMigrated } from '@commissary/store';
import { OpenConnections } from './open-connections.js';
import { LOGGER } from './tokens.js';

type Config = ConfigService<GatewayEnv, true>;

/** A request is answered within seconds, with 503 `unavailable` if need be; longer than any that a living MongoDB needs. [EXT-1] */
const PATIENCE = { serverSelectionTimeoutMs: 3_000, socketTimeoutMs: 10_000, commitTimeoutMs: 8_000 };

const connectDatabase = async (config: Config, opened: OpenConnections): Promise<Database> => {
  const connected = await Database.connect({
    uri: config.get('MONGODB_URI', { infer: true }),
    appName: 'commissary-gateway',
    ...PATIENCE,
  });
  const database = await opened.keep(connected, (each) => each.close());
  await requireMigrated(database);
  return database;
};

const startClock = async (database: Database, opened: OpenConnections): Promise<DatabaseClock> =>
  opened.keep(await DatabaseClock.start(database), (clock) => clock.stop());

const verifyTokens = (config: Config, clock: DatabaseClock): TokenVerifier =>
  new TokenVerifier({
    issuer: config.get('OIDC_ISSUER', { infer: true }),
    audience: config.get('OIDC_AUDIENCE', { infer: true }),
    clock,
  });

const failpointsOf = (config: Config): Failpoints =>
  new Failpoints(config.get('FAILPOINTS', { infer: true }));

const PROVIDERS = [
  { provide: Failpoints, useFactory: failpointsOf, inject: [ConfigService] },
  { provide: Database, useFactory: connectDatabase, inject: [ConfigService, OpenConnections] },
  { provide: DatabaseClock, useFactory: startClock, inject: [Database, OpenConnections] },
  { provide: TokenVerifier, useFactory: verifyTokens, inject: [ConfigService, DatabaseClock] },
] satisfies Provider[];

/** What every feature shares: log, database, clock, queues, token check. It is closed last, after requests have ended. */
@Global()
@Module({})
export class ConnectionsModule implements OnApplicationShutdown {
  constructor(@Inject(OpenConnections) private readonly opened: OpenConnections) {}

  /** `opened` is closed by a stop of the application; whoever starts it closes it where the start fails. */
  static forRoot(logger: Logger, opened: OpenConnections): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: OpenConnections, useValue: opened },
      ...PROVIDERS,
    ];
    const queues = QueueModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: Config) => ({
        redisUrl: config.get('REDIS_URL', { infer: true }),
        prefix: config.get('QUEUE_PREFIX', { infer: true }),
      }),
    });
    return {
      module: ConnectionsModule,
      imports: [queues],
      providers,
      exports: providers.map((provider) => provider.provide),
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.opened.closeAll();
  }
}
