import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { LicenseBatchesService } from './license-batches.service.js';
import { LicenseReader } from './license-reader.service.js';
import { LicensesController } from './licenses.controller.js';
import { MyLicensesController } from './my-licenses.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [MyLicensesController, LicensesController],
  providers: [LicenseReader, LicenseBatchesService],
})
export class LicensesModule {}
