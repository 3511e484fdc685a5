import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { notFound } from '@commissary/domain';
import { JobProducer } from '@commissary/queue';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../http/problem.filter.js';
import { QueuesGuard } from './queues.guard.js';

const PATH = '/queues';

/**
 * bull-board under `/queues`, to look only: what becomes of work is decided in MongoDB. Its guard is a hook of the scope that
 * holds every one of its routes, files and unknown paths included, so that nothing is served before it. [OPS-1]
 */
export const mountQueuesDashboard = (app: NestFastifyApplication): void => {
  const guard = app.get(QueuesGuard);
  const queues = app.get(JobProducer).allQueues();
  const board = new FastifyAdapter().setBasePath(PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Commissary queues' } },
  });
  const scope = async (fastify: FastifyInstance): Promise<void> => {
    fastify.addHook('onRequest', async (request, reply) => {
      if (!(await guard.admits(request, reply))) return reply;
    });
    const unknown = (request: FastifyRequest, reply: FastifyReply): void =>
      sendProblem(request, reply, notFound());
    fastify.all('/*', unknown);
    fastify.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url: '/', handler: unknown });
    await fastify.register(board.registerPlugin());
  };
  void app.getHttpAdapter().getInstance().register(scope, { prefix: PATH });
};
