import { Injectable } from '@nestjs/common';
import { mayGoOn, permissionToGoOn, type RunningWork } from '@commissary/policies';
import { DatabaseClock, type OperationDocument, TenantsRepository, UsersRepository } from '@commissary/store';

/** Whoever answers for a running operation may not do so any more: it pauses, for another admin to resume. */
export class AuthorityLostError extends Error {
  override readonly name = 'AuthorityLostError';
  constructor(readonly operationId: string) {
    super(`nobody who may answers for ${operationId} any more`);
  }
}

/** Reads the roles of who asked for a piece of work again before each chunk of it. */
@Injectable()
export class Authority {
  constructor(
    private readonly users: UsersRepository,
    private readonly tenants: TenantsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** Throws `AuthorityLostError`. */
  async require(operation: OperationDocument): Promise<void> {
    const work = workOf(operation);
    if (permissionToGoOn(work) === null) return;
    const { tenantId, authorizedBy } = operation;
    const isAway = authorizedBy.tenantId !== tenantId;
    const [user, home, delegation] = await Promise.all([
      this.users.find(authorizedBy.tenantId, authorizedBy.userId),
      this.tenants.find(authorizedBy.tenantId),
      isAway ? this.tenants.findDelegation(authorizedBy.tenantId, tenantId) : null,
    ]);
    const answerable = { user, homeTenantType: home?.type ?? null, delegation };
    if (!mayGoOn(work, tenantId, answerable, this.clock.now())) throw new AuthorityLostError(operation._id);
  }
}

const workOf = (operation: OperationDocument): RunningWork =>
  operation.type === 'cancellation'
    ? { type: operation.type, by: operation.request.by }
    : { type: operation.type };
