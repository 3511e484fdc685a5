import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DatabaseHealth } from './database.health.js';
import { HealthServer } from './health.server.js';

@Module({ imports: [TerminusModule.forRoot({ logger: false })], providers: [DatabaseHealth, HealthServer] })
export class HealthModule {}
