import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { IdempotencyInterceptor } from '../idempotency/idempotency.interceptor.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AnswerInterceptor } from './answer.js';
import { ProblemFilter } from './problem.filter.js';
import { SchemaPipe } from './schema.pipe.js';

/** The manners of every route: checked input, problems, answers with a status of their own, keys that may be used once. */
@Module({
  imports: [RepositoriesModule],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    // The first one is the outermost: it unpacks remembered answers as well.
    { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
    IdempotencyInterceptor,
    { provide: APP_INTERCEPTOR, useExisting: IdempotencyInterceptor },
    { provide: APP_PIPE, useFactory: () => new SchemaPipe() },
  ],
})
export class HttpModule {}
