import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

/** What a route makes of the header `Idempotency-Key`. */
export interface Idempotency {
  /** Without the header the route does its work all the same, and remembers no answer. */
  optional: boolean;
  /** The `ETag` of an answer's body, whether the answer is new or remembered; without it the route sets none. */
  etagOf: ((body: never) => string) | null;
}

export const IDEMPOTENCY = Symbol('idempotency');

/**
 * The route takes an `Idempotency-Key`: equal requests have the effect of one and get one answer. Its method has a parameter
 * `@Keyed()`, which it passes to `AcceptService`. [EXT-1]
 */
export const Idempotent = ({ optional = false, etagOf = null }: Partial<Idempotency> = {}): MethodDecorator =>
  applyDecorators(
    SetMetadata(IDEMPOTENCY, { optional, etagOf } satisfies Idempotency),
    ApiHeader({
      name: 'Idempotency-Key',
      required: !optional,
      description: 'A key of your own, the same when the request is repeated; good for 24 h',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    }),
  );
