import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';

/** What a controller returns when status or `Location` are not its route's usual ones. */
export class Answer<T = unknown> {
  constructor(
    readonly status: number,
    readonly body: T,
    readonly location: string | null = null,
  ) {}
}

/** Unpacks an `Answer` into status, `Location` and body. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      map((value: unknown): unknown => {
        if (!(value instanceof Answer)) return value;
        const reply = execution.switchToHttp().getResponse<FastifyReply>();
        void reply.code(value.status);
        if (value.location !== null) void reply.header('location', value.location);
        return value.body;
      }),
    );
  }
}
