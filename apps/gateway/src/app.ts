import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { GatewayEnv, Logger } from '@commissary/platform';
import { AppModule } from './app.module.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { OpenConnections } from './connections/open-connections.js';
import { createFastifyAdapter } from './http/fastify.js';
import { NestLog } from './http/nest-log.js';
import { mountOpenApi } from './openapi/openapi.js';

/**
 * The whole gateway, connected and ready to listen. Rejects if MongoDB cannot be reached, a provider is missing or a route is not
 * guarded; nothing stays connected then.
 */
export const createGateway = async (env: GatewayEnv, logger: Logger): Promise<NestFastifyApplication> => {
  const opened = new OpenConnections();
  try {
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot(env, ConnectionsModule.forRoot(logger, opened)),
      createFastifyAdapter(logger),
      { logger: new NestLog(logger), bodyParser: false, abortOnError: false },
    );
    mountOpenApi(app);
    await app.init();
    return app;
  } catch (error) {
    await opened
      .closeAll()
      .catch((failure: unknown) => logger.warn({ err: failure }, 'a connection stays open'));
    throw error;
  }
};
