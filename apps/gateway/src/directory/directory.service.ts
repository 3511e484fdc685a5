import { Injectable } from '@nestjs/common';
import type { EventData, EventType, NewUserBody, UserView } from '@commissary/contracts';
import { type AuditActionAbout, DomainError } from '@commissary/domain';
import { newId } from '@commissary/platform';
import {
  Database,
  DatabaseClock,
  DirectoryChanges,
  type LicenseDocument,
  type NewAudit,
  type NewEvent,
  type NewEventOf,
  PurchaserDepartures,
  type Session,
  recordChange,
  type UserDocument,
  UsersRepository,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import { invalidRequest } from '../http/problems.js';
import { actorOf, type RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { purchaserLeft } from './purchaser-left.js';
import { userView } from './user.view.js';

/** Changes of the directory by a global admin, with their events, mails and audit entries. [ADM-9] */
@Injectable()
export class DirectoryService {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly changes: DirectoryChanges,
    private readonly users: UsersRepository,
    private readonly departures: PurchaserDepartures,
    private readonly accepts: AcceptService,
  ) {}

  /** 201. Throws `invalid_request` for an address of another domain or one that is taken. */
  create(ctx: RequestContext, keyed: IdempotentRequest, body: NewUserBody): Promise<Answer<UserView>> {
    return this.accepts.create(keyed, keyed.received, async (session, now) => {
      requireOwnDomain(ctx, body.email);
      const user = await this.changes.create(session, {
        _id: newId('usr'),
        tenantId: ctx.tenantId,
        ...body,
        usageLocation: body.usageLocation ?? ctx.tenant.billingCountry,
        locale: body.locale ?? ctx.tenant.locale,
        createdAt: now,
      });
      await recordChange(this.database, session, now, {
        events: [userEvent(user, 'user.created', {})],
        audit: [userAudit(ctx, user._id, 'user.created', null, { email: user.email, roles: user.roles })],
      });
      return { id: user._id, body: userView(user), location: `/v1/users/${user._id}` };
    });
  }

  /** Admins are told, once, of the subscriptions of a purchaser who is disabled; these live on. [SUB-2] */
  async setState(ctx: RequestContext, userId: string, state: 'active' | 'disabled'): Promise<UserDocument> {
    if (state === 'disabled') requireSomeoneElse(ctx, userId);
    return this.database.transaction(async (session) => {
      const { before, after } = await this.changes.setState(session, ctx.tenantId, userId, state);
      if (before.state === after.state) return after;
      const [from, to] = [{ state: before.state }, { state: after.state }];
      const now = this.clock.now();
      const gone = state === 'disabled' ? await this.purchaserLeft(session, after, true, now) : [];
      await recordChange(this.database, session, now, {
        events: [userEvent(after, `user.${state === 'active' ? 'enabled' : 'disabled'}`, {}), ...gone],
        audit: [userAudit(ctx, userId, 'user.stateSet', from, to)],
      });
      return after;
    });
  }

  /** Admins are told of the subscriptions of a purchaser who leaves; these live on. [SUB-2, DATA-1] */
  async delete(ctx: RequestContext, userId: string): Promise<void> {
    requireSomeoneElse(ctx, userId);
    await this.database.transaction(async (session) => {
      const now = this.clock.now();
      const { user, removed, left } = await this.changes.delete(session, ctx.tenantId, userId, now);
      const gone = await this.purchaserLeft(session, user, false, now);
      await recordChange(this.database, session, now, {
        events: [
          userEvent(user, 'user.deleted', { licensesLeft: left.map((license) => license._id) }),
          ...removed.map(licenseRemovedEvent),
          ...gone,
        ],
        audit: [userAudit(ctx, userId, 'user.deleted', { state: user.state }, { state: 'deleted' })],
      });
    });
  }

  private async purchaserLeft(
    session: Session,
    user: UserDocument,
    isDisabled: boolean,
    now: Date,
  ): Promise<NewEvent[]> {
    const admins = await this.users.adminsOf(user.tenantId, session);
    const event = await purchaserLeft(this.departures, session, user, { admins, isDisabled, now });
    return event ? [event] : [];
  }
}

const requireOwnDomain = (ctx: RequestContext, email: string): void => {
  const domain = email.slice(email.lastIndexOf('@') + 1);
  if (ctx.tenant.domains.includes(domain)) return;
  throw invalidRequest('/email', 'own_domain', `Expected an address of ${ctx.tenant.domains.join(' or ')}`);
};

const requireSomeoneElse = (ctx: RequestContext, userId: string): void => {
  if (ctx.user._id !== userId) return;
  throw new DomainError('illegal_state', 'Nobody can disable or delete the own account.', { state: 'self' });
};

type UserEventType = Extract<EventType, `user.${string}`>;

const userEvent = <T extends UserEventType>(
  user: UserDocument,
  type: T,
  data: EventData<T>,
): NewEventOf<T> => ({
  tenantId: user.tenantId,
  type,
  subjectId: user._id,
  operationId: null,
  data,
});

const licenseRemovedEvent = (license: LicenseDocument): NewEvent => ({
  tenantId: license.tenantId,
  type: 'license.removed',
  subjectId: license.subscriptionId,
  operationId: null,
  data: { userIds: [license.userId], cause: 'userDeleted' },
});

const userAudit = (
  ctx: RequestContext,
  userId: string,
  action: AuditActionAbout<'user'>,
  before: NewAudit['before'],
  after: NewAudit['after'],
): NewAudit => ({
  tenantId: ctx.tenantId,
  actor: actorOf(ctx),
  action,
  subject: { type: 'user', id: userId },
  before,
  after,
  ip: ctx.ip,
  requestId: ctx.requestId,
  operationId: null,
});
