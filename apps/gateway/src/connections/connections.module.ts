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
import { JobProducer, producerConnection } from '@commissary/queue';
import { Database, DatabaseClock } from '@commissary/store';
import type { Redis } from 'ioredis';
import { LOGGER, REDIS } from './tokens.js';

type Config = ConfigService<GatewayEnv, true>;

/** A request is answered within seconds, with 503 `unavailable` if need be; longer than any that a living MongoDB needs. [EXT-1] */
const PATIENCE = { serverSelectionTimeoutMs: 3_000, socketTimeoutMs: 10_000, commitTimeoutMs: 8_000 };

const connectDatabase = async (config: Config): Promise<Database> => {
  const database = await Database.connect({
    uri: config.get('MONGODB_URI', { infer: true }),
    appName: 'commissary-gateway',
    ...PATIENCE,
  });
  await database.migrate();
  return database;
};

const PROVIDERS = [
  {
    provide: Failpoints,
    useFactory: (config: Config) => new Failpoints(config.get('FAILPOINTS', { infer: true })),
    inject: [ConfigService],
  },
  { provide: Database, useFactory: connectDatabase, inject: [ConfigService] },
  {
    provide: DatabaseClock,
    useFactory: (database: Database) => DatabaseClock.start(database),
    inject: [Database],
  },
  {
    provide: JobProducer,
    useFactory: (config: Config) =>
      new JobProducer({
        redisUrl: config.get('REDIS_URL', { infer: true }),
        prefix: config.get('QUEUE_PREFIX', { infer: true }),
      }),
    inject: [ConfigService],
  },
  {
    provide: REDIS,
    useFactory: (config: Config) => producerConnection(config.get('REDIS_URL', { infer: true })),
    inject: [ConfigService],
  },
  {
    provide: TokenVerifier,
    useFactory: (config: Config, clock: DatabaseClock) =>
      new TokenVerifier({
        issuer: config.get('OIDC_ISSUER', { infer: true }),
        audience: config.get('OIDC_AUDIENCE', { infer: true }),
        clock,
      }),
    inject: [ConfigService, DatabaseClock],
  },
] satisfies Provider[];

/** What every feature shares: log, database, clock, queues, token check. It is closed last, after requests have ended. */
@Global()
@Module({})
export class ConnectionsModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DatabaseClock) private readonly clock: DatabaseClock,
    @Inject(JobProducer) private readonly producer: JobProducer,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  static forRoot(logger: Logger): DynamicModule {
    const providers = [...PROVIDERS, { provide: LOGGER, useValue: logger }];
    return { module: ConnectionsModule, providers, exports: providers.map((provider) => provider.provide) };
  }

  async onApplicationShutdown(): Promise<void> {
    this.clock.stop();
    await this.producer.close();
    this.redis.disconnect();
    await this.database.close();
  }
}
