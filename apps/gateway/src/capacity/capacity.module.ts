import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { CapacityController } from './capacity.controller.js';
import { CapacityService } from './capacity.service.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [CapacityController],
  providers: [CapacityService],
})
export class CapacityModule {}
