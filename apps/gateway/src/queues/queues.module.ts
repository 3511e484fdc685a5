import { Module } from '@nestjs/common';
import { QueuesGuard } from './queues.guard.js';

@Module({ providers: [QueuesGuard] })
export class QueuesModule {}
