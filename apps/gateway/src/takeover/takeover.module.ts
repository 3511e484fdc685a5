import { Module } from '@nestjs/common';
import { LicensesRepository } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { CancellationRequestsService } from './cancellation-requests.service.js';
import { CancellationsService } from './cancellations.service.js';
import { MovesService } from './moves.service.js';
import { TakeoverController } from './takeover.controller.js';

@Module({
  controllers: [TakeoverController],
  providers: [
    provideRepository(LicensesRepository),
    MovesService,
    CancellationsService,
    CancellationRequestsService,
  ],
})
export class TakeoverModule {}
