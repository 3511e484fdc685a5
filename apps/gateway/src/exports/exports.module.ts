import { Module } from '@nestjs/common';
import { ExportsController } from './exports.controller.js';
import { UserExports } from './user-exports.service.js';

/** Files of who has what. [ADM-3] */
@Module({
  controllers: [ExportsController],
  providers: [UserExports],
})
export class ExportsModule {}
