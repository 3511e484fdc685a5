import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { DomainError, type FieldError } from '@commissary/domain';

/** An issue as zod reports it through the Standard Schema interface. */
interface Issue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
  readonly code?: string;
  readonly keys?: readonly string[];
  /** Of a union: why the value is none of its shapes, shape by shape. */
  readonly errors?: readonly (readonly Issue[])[];
}

const MAX_ERRORS = 50;

/**
 * Checks what a controller's parameter is given against the schema named there:
 * `@Body({ schema })`, `@Query({ schema })`, `@Param('id', { schema })`. Throws `invalid_request`. [EXT-1]
 */
export class SchemaPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema } = metadata;
    if (!schema || metadata.type === 'custom') return value;
    // A request without a body or query is one with none of its members.
    const given: unknown = value ?? {};
    const result = await this.validate<T>(given, schema);
    if (!result.issues) return result.value;
    throw invalid(result.issues.flatMap((issue) => fieldErrors(issue, metadata.data, given)));
  }
}

const invalid = (errors: FieldError[]): DomainError => {
  const named = errors.map((error) => `${error.pointer || 'The body'}: ${error.detail}`);
  const more = errors.length > 3 ? ` (and ${errors.length - 3} more)` : '';
  return new DomainError('invalid_request', `${named.slice(0, 3).join('; ')}${more}.`, {
    errors: errors.slice(0, MAX_ERRORS),
  });
};

const fieldErrors = (issue: Issue, parameter: string | undefined, value: unknown): FieldError[] => {
  if (issue.code === 'invalid_union' && issue.errors && !issue.path?.length) {
    return closestShape(issue.errors).flatMap((each) => fieldErrors(each, parameter, value));
  }
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => ({
      pointer: pointerOf([...path, key]),
      rule: 'unknown_field',
      detail: 'There is no such field here',
    }));
  }
  const missing = issue.code === 'invalid_type' && valueAt(value, path) === undefined;
  const pointer = pointerOf(parameter === undefined ? path : [parameter, ...path]);
  if (missing) return [{ pointer, rule: 'required', detail: 'This field is missing' }];
  return [{ pointer, rule: issue.code ?? 'invalid', detail: issue.message }];
};

/** The shape that was meant: it knows most of the members that were given; of several the first. */
const closestShape = (shapes: readonly (readonly Issue[])[]): readonly Issue[] => {
  const strangers = (issues: readonly Issue[]): number =>
    issues.reduce((sum, { code, keys }) => sum + (code === 'unrecognized_keys' ? (keys?.length ?? 0) : 0), 0);
  return shapes.reduce((best, each) => (strangers(each) < strangers(best) ? each : best), shapes[0] ?? []);
};

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      inner !== null && typeof inner === 'object' ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );

/** RFC 6901. */
const pointerOf = (path: readonly string[]): string =>
  path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
