import { Global, Module } from '@nestjs/common';
import { MoveTails } from '@commissary/store';
import { provideRepository } from '../connections/connections.module.js';
import { AcceptService } from './accept.service.js';
import { ControlController } from './control.controller.js';
import { EnqueueService } from './enqueue.service.js';
import { OperationControl } from './operation-control.service.js';
import { OperationFeed } from './operation-feed.js';
import { OperationResults } from './operation-results.js';
import { OperationUndoing } from './operation-undoing.js';
import { OperationWatcher } from './operation-watcher.js';
import { OperationsController } from './operations.controller.js';
import { OperatorController } from './operator.controller.js';
import { ResultsController } from './results.controller.js';
import { VisibleOperations } from './visible-operations.js';

/** Starting operations (for every feature), watching and steering them. */
@Global()
@Module({
  controllers: [OperationsController, ResultsController, ControlController, OperatorController],
  providers: [
    AcceptService,
    EnqueueService,
    OperationControl,
    OperationFeed,
    OperationResults,
    OperationUndoing,
    OperationWatcher,
    provideRepository(MoveTails),
    VisibleOperations,
  ],
  exports: [AcceptService],
})
export class OperationsModule {}
