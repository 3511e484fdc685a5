import { Module } from '@nestjs/common';
import { LicenseAssignments, LicensesRepository, SubscriptionHolders } from '@commissary/store';
import { CatalogModule } from '../catalog/catalog.module.js';
import { provideRepository } from '../connections/connections.module.js';
import { LicenseBatchesService } from './license-batches.service.js';
import { LicenseReader } from './license-reader.service.js';
import { LicensesController } from './licenses.controller.js';
import { MyLicensesController } from './my-licenses.controller.js';

@Module({
  imports: [CatalogModule],
  controllers: [MyLicensesController, LicensesController],
  providers: [
    provideRepository(LicensesRepository),
    provideRepository(LicenseAssignments),
    provideRepository(SubscriptionHolders),
    LicenseReader,
    LicenseBatchesService,
  ],
})
export class LicensesModule {}
