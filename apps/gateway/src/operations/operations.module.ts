import { Global, Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
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
  imports: [RepositoriesModule, HealthModule],
  controllers: [OperationsController, ResultsController, ControlController, OperatorController],
  providers: [
    AcceptService,
    EnqueueService,
    OperationControl,
    OperationFeed,
    OperationResults,
    OperationUndoing,
    OperationWatcher,
    VisibleOperations,
  ],
  exports: [AcceptService],
})
export class OperationsModule {}
