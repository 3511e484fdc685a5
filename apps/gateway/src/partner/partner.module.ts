import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { PartnerController } from './partner.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [PartnerController],
})
export class PartnerModule {}
