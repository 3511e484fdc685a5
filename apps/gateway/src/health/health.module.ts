import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { MongodbHealthIndicator } from './mongodb.health.js';
import { RedisHealthIndicator } from './redis.health.js';

/** Health checks by Terminus. It logs nothing itself: whoever asks is told what is down. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [MongodbHealthIndicator, RedisHealthIndicator],
  exports: [RedisHealthIndicator],
})
export class HealthModule {}
