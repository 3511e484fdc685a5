import { Inject, Injectable } from '@nestjs/common';
import { JOB_OF_OPERATION } from '@commissary/contracts';
import type { Logger } from '@commissary/platform';
import { JobProducer, wakeUpId } from '@commissary/queue';
import type { OperationDocument } from '@commissary/store';
import { LOGGER } from '../connections/tokens.js';

/** Wakes a worker up for an operation. Best effort: what Redis does not take, the dispatcher enqueues. [OPS-4] */
@Injectable()
export class EnqueueService {
  constructor(
    private readonly producer: JobProducer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async enqueue(operation: OperationDocument): Promise<void> {
    const enqueued = await this.producer.enqueue({
      name: JOB_OF_OPERATION[operation.type],
      payload: { v: 1, operationId: operation._id, tenantId: operation.tenantId },
      jobId: wakeUpId(operation._id, operation.fence),
    });
    if (!enqueued) this.logger.warn({ operationId: operation._id }, 'not enqueued; the dispatcher will');
  }
}
