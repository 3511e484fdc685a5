import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger, Failpoints, readGatewayEnv, TokenVerifier } from '@commissary/platform';
import { JobProducer, QUEUE_CONNECTION } from '@commissary/queue';
import { Database, DatabaseClock } from '@commissary/store';
import { AppModule } from './app.module.js';
import { OpenConnections } from './connections/open-connections.js';
import { LOGGER } from './connections/tokens.js';
import { createFastifyAdapter } from './http/fastify.js';

const env = readGatewayEnv({
  MONGODB_URI: 'mongodb://127.0.0.1:9/none',
  REDIS_URL: 'redis://127.0.0.1:9',
  PAYMENTS_URL: 'http://127.0.0.1:9',
  PUBLIC_URL: 'http://127.0.0.1:9',
  OIDC_ISSUER: 'http://127.0.0.1:9',
  OIDC_AUDIENCE: 'urn:commissary:api',
  SESSION_SECRET: 'a secret of a spec that is long enough',
});
const logger = createLogger('gateway', 'silent');

@Module({})
class Connections {}

/** What `ConnectionsModule` provides, without a connection: constructors look at it, and nothing is asked of it. */
const connectionsOf = (...left: unknown[]): DynamicModule => {
  const unconnected = { models: {} };
  const tokens = [Database, DatabaseClock, JobProducer, TokenVerifier, OpenConnections, QUEUE_CONNECTION];
  const providers = [
    { provide: LOGGER, useValue: logger },
    { provide: Failpoints, useValue: new Failpoints('') },
    ...tokens.map((token) => ({ provide: token, useValue: unconnected })),
  ].filter(({ provide }) => !left.includes(provide));
  return { module: Connections, global: true, providers, exports: providers.map(({ provide }) => provide) };
};

let app: NestFastifyApplication | null = null;

const compile = async (connections: DynamicModule): Promise<void> => {
  const options = { logger: false, abortOnError: false } as const;
  app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(env, connections),
    createFastifyAdapter(logger),
    options,
  );
};

afterEach(async () => {
  await app?.close();
  app = null;
});

describe("the gateway's modules", () => {
  it('have every provider that their controllers and services ask for', async () => {
    await expect(compile(connectionsOf())).resolves.toBeUndefined();
  });

  it('do not compile where one is missing, and the first line of the error names it', async () => {
    const failed = await compile(connectionsOf(TokenVerifier)).catch((error: unknown) => error);
    const [line] = (failed as Error).message.split('\n');
    expect(line).toMatch(/can't resolve dependencies of the Authenticator \(.*TokenVerifier at index \[0\]/);
  });
});
