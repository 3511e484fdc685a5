import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SettingsController } from './settings.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [SettingsController],
})
export class SettingsModule {}
