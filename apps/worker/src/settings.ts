import { ConfigModule, ConfigService } from '@nestjs/config';
import type { WorkerEnv } from '@commissary/platform';

/** The settings of `libs/platform/src/env.ts` in any provider: `config.get('PORT', { infer: true })`. */
export type Settings = ConfigService<WorkerEnv, true>;

/**
 * `@nestjs/config` over settings that `readWorkerEnv` has checked. It is given nothing else to read, and no `validate`, because
 * `ConfigModule` copies what that returns into the environment of the process.
 */
export const settingsModule = (env: WorkerEnv) =>
  ConfigModule.forRoot({
    isGlobal: true,
    ignoreEnvFile: true,
    ignoreEnvVars: true,
    skipProcessEnv: true,
    load: [() => env],
  });
