import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { DomainError } from '@commissary/domain';
import {
  fingerprintOf,
  type IdempotencyRepository,
  type IdempotencyScope,
  type Session,
} from '@commissary/store';
import type { FastifyRequest } from 'fastify';
import { Answer } from '../http/answer.js';

/** An answer that a keyed request has just earned, and the thing it is about. */
export interface Earned {
  answer: Answer;
  /** Id of the operation or thing that was made. */
  subjectId: string;
  at: Date;
}

/**
 * One request with its `Idempotency-Key`, made by the interceptor and passed to the service, which remembers the answer in the
 * transaction that does the work. [EXT-1]
 */
export class IdempotentRequest {
  private fingerprint: string | null = null;
  private settled = false;

  /** `scope` is an error where the header is missing or malformed: it is thrown when the service begins, after the body's own faults. */
  constructor(
    private readonly records: IdempotencyRepository,
    private readonly scope: IdempotencyScope | DomainError,
    /** The body as it was received, before its schema filled in what was left out. */
    readonly received: unknown = null,
  ) {}

  /** Equal for equal keys of one caller on one path; null where the header is at fault. */
  get name(): string | null {
    return this.scope instanceof Error ? null : JSON.stringify(this.scope);
  }

  /** Whether the service has begun with it. */
  get hasBegun(): boolean {
    return this.fingerprint !== null;
  }

  /** Whether its answer was written to a record, or read from one. */
  get isSettled(): boolean {
    return this.settled;
  }

  /** Ties the key to its body. Throws `idempotency_key_missing`, or `invalid_request` for a malformed key. */
  begin(body: unknown): void {
    if (this.scope instanceof Error) throw this.scope;
    this.fingerprint = fingerprintOf(body ?? null);
  }

  /** The answer that the key was given before, null for a new key. Throws `idempotency_key_reused` if the body differs. */
  async recall(): Promise<Answer | null> {
    const { scope, fingerprint } = this.begun();
    const known = await this.records.recall(scope, fingerprint);
    if (known) this.settled = true;
    return known && new Answer(known.status, known.body, known.location);
  }

  /** Writes the answer in the transaction that did the work: of several requests with one key, one commits. */
  async remember(session: Session, { answer, subjectId, at }: Earned): Promise<void> {
    const { scope, fingerprint } = this.begun();
    const { status, body, location } = answer;
    const record = { fingerprint, subjectId, status, body, location, createdAt: at };
    await this.records.remember(session, scope, record);
    this.settled = true;
  }

  private begun(): { scope: IdempotencyScope; fingerprint: string } {
    const { scope, fingerprint } = this;
    if (scope instanceof Error || fingerprint === null) throw new Error('The keyed request has not begun.');
    return { scope, fingerprint };
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the interceptor on routes that are `@Idempotent()`; null where an optional key was not sent. */
    idempotent: IdempotentRequest | null | undefined;
  }
}

/** Parameter of a method that is `@Idempotent()`: the `IdempotentRequest`; null where the key is optional and was not sent. */
export const Keyed = createParamDecorator((_data: unknown, execution: ExecutionContext) => {
  const request = execution.switchToHttp().getRequest<FastifyRequest>();
  if (request.idempotent === undefined) throw new Error(`${request.url} is not @Idempotent()`);
  return request.idempotent;
});
