import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SETTINGS_CONTROLLERS } from './settings.controllers.js';
import { TenantSettingsService } from './tenant-settings.service.js';

@Module({
  imports: [RepositoriesModule],
  controllers: SETTINGS_CONTROLLERS,
  providers: [TenantSettingsService],
})
export class SettingsModule {}
