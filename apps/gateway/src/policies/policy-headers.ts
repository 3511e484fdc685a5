import { ApiHeader } from '@nestjs/swagger';

/** Documents the header; `requiredIfMatchVersion` demands it. [POL-6] */
export const NeedsIfMatch = (required = true): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required,
    description: 'The ETag of the policy as it was read; anything of it that changed since: 412',
    schema: { type: 'string' },
  });
