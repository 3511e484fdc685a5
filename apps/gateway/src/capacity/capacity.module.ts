import { Module } from '@nestjs/common';
import { CapacityRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { CapacityController } from './capacity.controller.js';
import { CapacityService } from './capacity.service.js';

@Module({
  controllers: [CapacityController],
  providers: [provideRepository(CapacityRepository), CapacityService],
})
export class CapacityModule {}
