import { Module } from '@nestjs/common';
import { DirectoryService } from './directory.service.js';
import { DiscoveryController } from './discovery.controller.js';
import { MeController } from './me.controller.js';
import { UsersController } from './users.controller.js';

@Module({
  controllers: [DiscoveryController, MeController, UsersController],
  providers: [DirectoryService],
})
export class DirectoryModule {}
