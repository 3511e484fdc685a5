import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AuditController } from './audit.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [AuditController],
})
export class AuditModule {}
