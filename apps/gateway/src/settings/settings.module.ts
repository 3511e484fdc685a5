import { Module } from '@nestjs/common';
import { NotificationSettingsRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { SettingsController } from './settings.controller.js';

@Module({
  controllers: [SettingsController],
  providers: [provideRepository(NotificationSettingsRepository)],
})
export class SettingsModule {}
