import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogService } from './catalog.service.js';

/** What is sold, and who may buy it. */
@Module({
  imports: [RepositoriesModule],
  controllers: [CatalogController],
  providers: [CatalogService],
})
export class CatalogModule {}
