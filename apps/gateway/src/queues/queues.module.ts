import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { BullBoardModule } from '@bull-board/nestjs';
import { Module } from '@nestjs/common';
import { QUEUES } from '@commissary/contracts';
import { guardedBoardAdapter } from './guarded-board.adapter.js';
import { QueuesGuard } from './queues.guard.js';

@Module({ providers: [QueuesGuard], exports: [QueuesGuard] })
class QueuesGuardModule {}

/** bull-board under `/queues`, to look only: what becomes of work is decided in MongoDB. [OPS-1] */
@Module({
  imports: [
    BullBoardModule.forRootAsync({
      imports: [QueuesGuardModule],
      inject: [QueuesGuard],
      useFactory: (guard: QueuesGuard) => ({
        route: '/queues',
        adapter: guardedBoardAdapter(guard),
        boardOptions: { uiConfig: { boardTitle: 'Commissary queues' } },
      }),
    }),
    BullBoardModule.forFeature(
      ...QUEUES.map((name) => ({ name, adapter: BullMQAdapter, options: { readOnlyMode: true } })),
    ),
  ],
})
export class QueuesModule {}
