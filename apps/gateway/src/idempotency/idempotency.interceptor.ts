import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DomainError } from '@commissary/domain';
import { IdempotencyRepository, isDuplicateKey, KeyedMutex } from '@commissary/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Answer } from '../http/answer.js';
import { contextOf } from '../http/request-context.js';
import { idempotencyScopeOf } from './idempotency-scope.js';
import { type Idempotency, IDEMPOTENCY } from './idempotent.decorator.js';
import { IdempotentRequest } from './idempotent-request.js';

/**
 * Around every route that is `@Idempotent()`: it reads the key, lets equal requests in this process wait for the first one, and gives
 * the remembered answer to a request whose twin was quicker. The record itself is written by `AcceptService`, in the transaction that
 * does the work. [EXT-1]
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly mutex = new KeyedMutex();

  constructor(
    private readonly reflector: Reflector,
    private readonly records: IdempotencyRepository,
  ) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = this.reflector.get<Idempotency | undefined>(IDEMPOTENCY, execution.getHandler());
    if (!route) return next.handle();
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const keyed = (request.idempotent = this.keyedOf(request, route));
    if (!keyed) return next.handle();
    return from(this.answer(execution, keyed, route, next));
  }

  private async answer(
    execution: ExecutionContext,
    keyed: IdempotentRequest,
    { etagOf }: Idempotency,
    next: CallHandler<unknown>,
  ): Promise<unknown> {
    const answer = await this.once(keyed, () => lastValueFrom(next.handle()));
    if (etagOf && answer instanceof Answer) {
      const reply = execution.switchToHttp().getResponse<FastifyReply>();
      void reply.header('etag', etagOf(answer.body as never));
    }
    return answer;
  }

  /** Does the keyed work, or gives the answer of the twin that did it. Throws what the work throws. */
  async once<T>(keyed: IdempotentRequest, work: () => Promise<T>): Promise<T> {
    const { name } = keyed;
    // A key that is at fault is refused when the work begins.
    if (name === null) return work();
    // Equal requests at once in this process wait for the first one rather than for each other's aborted transactions.
    return this.mutex.runExclusive(name, () => this.attempt(keyed, work));
  }

  private async attempt<T>(keyed: IdempotentRequest, work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work();
      if (!keyed.isSettled)
        throw new Error('A keyed request was answered, and its answer is not remembered.');
      return answer;
    } catch (error) {
      if (!keyed.hasBegun || !(error instanceof DomainError || isDuplicateKey(error))) throw error;
      // A twin on another node may have committed meanwhile: its record, or what it took, is what stood in the way.
      const twins = await keyed.recall();
      if (twins) return twins as T;
      throw error;
    }
  }

  private keyedOf(request: FastifyRequest, { optional }: Idempotency): IdempotentRequest | null {
    const header = request.headers['idempotency-key'];
    if (optional && header === undefined) return null;
    const { method, url, body } = request;
    const scope = idempotencyScopeOf(contextOf(request), { method, url, header });
    return new IdempotentRequest(this.records, scope, body);
  }
}
