import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { codesByStatus } from '../http/problems.js';

/** Documents the header; `requiredIfMatchVersion` demands it. [POL-6] */
export const NeedsIfMatch = (required = true): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required,
    description: 'The ETag of the policy as it was read; anything of it that changed since: 412',
    schema: { type: 'string' },
  });

/** Documents the key of a POST that makes a version and answers 200. [EXT-1] */
export const NeedsKey = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description: 'A key of your own, the same when the request is repeated; good for 24 h',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    }),
    ApiResponse({
      status: 422,
      description: codesByStatus(422)
        .map((code) => `\`${code}\``)
        .join(', '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }),
  );
