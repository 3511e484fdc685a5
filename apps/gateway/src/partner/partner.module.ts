import { Module } from '@nestjs/common';
import { DelegatedTenantsRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { PartnerController } from './partner.controller.js';

@Module({
  controllers: [PartnerController],
  providers: [provideRepository(DelegatedTenantsRepository)],
})
export class PartnerModule {}
