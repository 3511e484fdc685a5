import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { CancellationRequestsService } from './cancellation-requests.service.js';
import { CancellationsService } from './cancellations.service.js';
import { MovesService } from './moves.service.js';
import { TakeoverController } from './takeover.controller.js';

@Module({
  imports: [RepositoriesModule],
  controllers: [TakeoverController],
  providers: [MovesService, CancellationsService, CancellationRequestsService],
})
export class TakeoverModule {}
