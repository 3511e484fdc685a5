import type { DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import type { GatewayEnv } from '@commissary/platform';

/**
 * The settings that `libs/platform` has read and checked, for `ConfigService<GatewayEnv, true>` everywhere. The module itself reads no
 * file and no environment, and writes none, so that a test may run several gateways with different settings in one process.
 */
export const settingsModule = (env: GatewayEnv): Promise<DynamicModule> =>
  ConfigModule.forRoot({
    isGlobal: true,
    ignoreEnvFile: true,
    validatePredefined: false,
    skipProcessEnv: true,
    load: [() => env],
  });
