import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { GatewayEnv, Logger } from '@commissary/platform';
import { AppModule } from './app.module.js';
import { createFastifyAdapter } from './http/fastify.js';
import { NestLog } from './http/nest-log.js';
import { mountOpenApi } from './openapi/openapi.js';

/** The whole gateway, connected and ready to listen. Rejects if MongoDB cannot be reached or a route is not guarded. */
export const createGateway = async (env: GatewayEnv, logger: Logger): Promise<NestFastifyApplication> => {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(env, logger),
    createFastifyAdapter(logger),
    { logger: new NestLog(logger), bodyParser: false, abortOnError: false },
  );
  mountOpenApi(app);
  await app.init();
  return app;
};
