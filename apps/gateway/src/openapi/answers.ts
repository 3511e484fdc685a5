import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { problemSchema } from '@commissary/contracts';
import type { z } from 'zod';
import { codesByStatus } from '../http/problems.js';

/** Statuses any route that asks for a token can answer with. */
const ALWAYS = [400, 401, 403, 429, 500, 503] as const;

type FurtherStatus = 404 | 409 | 412 | 413 | 415 | 422;

/**
 * What a route answers: its status and body, and further error statuses beside those every route has.
 * Gives the OpenAPI document its text; `null` is an answer without a body. [EXT-1]
 */
export const Answers = (
  status: 200 | 201 | 202 | 204,
  schema: z.ZodType | null,
  ...further: FurtherStatus[]
): MethodDecorator =>
  applyDecorators(
    HttpCode(status),
    ApiResponse({ status, ...(schema && { standardSchema: schema }) }),
    ...[...ALWAYS, ...further].map((error) =>
      ApiResponse({
        status: error,
        description: codesByStatus(error)
          .map((code) => `\`${code}\``)
          .join(', '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      }),
    ),
  );

/** Referred to by every route's errors; the document adds it once. */
export const PROBLEM_COMPONENT = problemSchema;
