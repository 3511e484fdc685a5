import { Module } from '@nestjs/common';
import { AuditRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { AuditController } from './audit.controller.js';

@Module({ controllers: [AuditController], providers: [provideRepository(AuditRepository)] })
export class AuditModule {}
