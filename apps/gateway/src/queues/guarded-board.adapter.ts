import { FastifyAdapter } from '@bull-board/fastify';
import { notFound } from '@commissary/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../http/problem.filter.js';
import type { QueuesGuard } from './queues.guard.js';

const unknown = (request: FastifyRequest, reply: FastifyReply): void =>
  sendProblem(request, reply, notFound());

/**
 * The Fastify adapter of bull-board with its guard inside. The guard is a hook of the scope that holds every route of the board, its
 * files and unknown paths included; a middleware or guard on the route `/queues` would not see the paths below it. [OPS-1]
 */
export const guardedBoardAdapter = (guard: QueuesGuard): new () => FastifyAdapter =>
  class GuardedBoardAdapter extends FastifyAdapter {
    override registerPlugin() {
      const board = super.registerPlugin();
      return async (fastify: FastifyInstance): Promise<void> => {
        fastify.addHook('onRequest', async (request, reply) => {
          if (!(await guard.admits(request, reply))) return reply;
        });
        fastify.all('/*', unknown);
        fastify.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url: '/', handler: unknown });
        await fastify.register(board);
      };
    }
  };
