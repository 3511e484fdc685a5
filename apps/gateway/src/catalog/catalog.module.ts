import { Module } from '@nestjs/common';
import {
  BuyerFactsReader,
  CatalogRepository,
  Database,
  LicensesRepository,
  PoliciesRepository,
} from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogService } from './catalog.service.js';

/** What is sold and who may buy it; quotes, purchases and policies ask it too. */
@Module({
  controllers: [CatalogController],
  providers: [
    {
      provide: CatalogRepository,
      useFactory: (db: Database) => new CatalogRepository(db),
      inject: [Database],
    },
    provideRepository(PoliciesRepository),
    provideRepository(LicensesRepository),
    {
      provide: BuyerFactsReader,
      useFactory: (db: Database, catalog: CatalogRepository, policies: PoliciesRepository) =>
        new BuyerFactsReader(db, catalog, policies),
      inject: [Database, CatalogRepository, PoliciesRepository],
    },
    CatalogService,
  ],
  exports: [CatalogRepository, PoliciesRepository, BuyerFactsReader],
})
export class CatalogModule {}
