import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { PoliciesController } from './policies.controller.js';
import { PolicyFileController } from './policy-file.controller.js';
import { PolicyHistoryController } from './policy-history.controller.js';
import { PolicyHistoryService } from './policy-history.service.js';
import { PolicySettingsService } from './policy-settings.service.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [PoliciesController, PolicyFileController, PolicyHistoryController],
  providers: [PolicySettingsService, PolicyHistoryService],
})
export class PoliciesModule {}
