import { type DynamicModule, Module } from '@nestjs/common';
import type { GatewayEnv, Logger } from '@commissary/platform';
import { AuthModule } from './auth/auth.module.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { DirectoryModule } from './directory/directory.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { OperationsModule } from './operations/operations.module.js';

/** One module per feature; each lists its controllers and the repositories only it uses. */
const FEATURES = [DirectoryModule, OperationsModule, HealthModule];

@Module({})
export class AppModule {
  static forRoot(env: GatewayEnv, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [ConnectionsModule.forRoot(env, logger), HttpModule, AuthModule, ...FEATURES],
    };
  }
}
