import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { ExportsController } from './exports.controller.js';
import { UserExports } from './user-exports.service.js';

/** Files of who has what. [ADM-3] */
@Module({
  imports: [RepositoriesModule],
  controllers: [ExportsController],
  providers: [UserExports],
})
export class ExportsModule {}
