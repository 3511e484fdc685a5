import { Controller, Get, Query } from '@nestjs/common';
import {
  type AuditEntryView,
  auditListQuery,
  type AuditListQuery,
  auditListSchema,
  type ListView,
} from '@commissary/contracts';
import {
  type AuditDocument,
  type AuditPlace,
  AuditRepository,
  Database,
  mentionedUser,
} from '@commissary/store';
import { Requires } from '../auth/access.decorators.js';
import { pageOf, toList } from '../http/paging.js';
import { invalidRequest } from '../http/problems.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Answers } from '../openapi/answers.js';

@Controller('v1/audit')
export class AuditController {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditRepository,
  ) {}

  /** Who changed what in the tenant, newest first. [ADM-9] */
  @Get()
  @Requires('audit.read')
  @Answers(200, auditListSchema)
  async list(
    @Caller() ctx: RequestContext,
    @Query({ schema: auditListQuery }) query: AuditListQuery,
  ): Promise<ListView<AuditEntryView>> {
    const { actor, action, from, to } = query;
    const { limit, after } = pageOf(query);
    const rows = await this.audit.list(
      ctx.tenantId,
      {
        ...(actor !== undefined && { actorId: await this.actorId(ctx, actor) }),
        action,
        ...(from !== undefined && { from: new Date(from) }),
        ...(to !== undefined && { to: new Date(to) }),
      },
      { limit, after: after === undefined ? undefined : placeOf(after) },
    );
    return toList(rows, query, auditEntryView, keyOf);
  }

  /** An e-mail means an account of the tenant; an id may be a partner's, who has none here. */
  private async actorId(ctx: RequestContext, actor: string): Promise<string> {
    return (await mentionedUser(this.database, ctx.tenantId, actor))?._id ?? actor;
  }
}

const keyOf = ({ at, _id }: AuditDocument): string => `${at.getTime()}:${_id}`;

const placeOf = (key: string): AuditPlace => {
  const [, time, id] = /^(\d{1,15}):([\w-]+)$/.exec(key) ?? [];
  if (time === undefined || id === undefined) {
    throw invalidRequest('/cursor', 'cursor', 'This is not a cursor of this list');
  }
  return { at: new Date(Number(time)), id };
};

const auditEntryView = (entry: AuditDocument): AuditEntryView => ({
  id: entry._id,
  actor: entry.actor,
  action: entry.action,
  subject: entry.subject,
  before: entry.before,
  after: entry.after,
  ip: entry.ip,
  requestId: entry.requestId,
  operationId: entry.operationId,
  at: entry.at.toISOString(),
});
