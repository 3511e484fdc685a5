import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/catalog.module.js';
import { PoliciesController } from './policies.controller.js';
import { PolicySettingsService } from './policy-settings.service.js';

@Module({ imports: [CatalogModule], controllers: [PoliciesController], providers: [PolicySettingsService] })
export class PoliciesModule {}
