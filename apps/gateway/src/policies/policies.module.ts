import { Module } from '@nestjs/common';
import { PolicyHistoryRepository } from '@commissary/store';
import { CatalogModule } from '../catalog/catalog.module.js';
import { provideRepository } from '../connections/connections.module.js';
import { PoliciesController } from './policies.controller.js';
import { PolicyFileController } from './policy-file.controller.js';
import { PolicyHistoryController } from './policy-history.controller.js';
import { PolicyHistoryService } from './policy-history.service.js';
import { PolicySettingsService } from './policy-settings.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [PoliciesController, PolicyFileController, PolicyHistoryController],
  providers: [provideRepository(PolicyHistoryRepository), PolicySettingsService, PolicyHistoryService],
})
export class PoliciesModule {}
