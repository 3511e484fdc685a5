import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { DirectoryService } from './directory.service.js';
import { DiscoveryController } from './discovery.controller.js';
import { MeController } from './me.controller.js';
import { UsersController } from './users.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [DiscoveryController, MeController, UsersController],
  providers: [DirectoryService],
})
export class DirectoryModule {}
