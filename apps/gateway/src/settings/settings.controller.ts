import { Body, Controller, Get, Headers, Put, Res } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import {
  type NotificationSettingsBody,
  notificationSettingsBody,
  notificationSettingsSchema,
  type NotificationSettingsView,
} from '@commissary/contracts';
import {
  Database,
  DatabaseClock,
  type NotificationSettings,
  NotificationSettingsRepository,
  recordChange,
} from '@commissary/store';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { auditOf } from '../http/change-record.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { ifMatchVersion, versionEtag } from '../http/version-etag.js';
import { Answers } from '../openapi/answers.js';

/** What a tenant's admins decide about how they are told. [ADM-8] */
@Controller('v1/settings')
export class SettingsController {
  constructor(
    private readonly database: Database,
    private readonly settings: NotificationSettingsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  @Get('notifications')
  @Requires('settings.read')
  @Answers(200, notificationSettingsSchema)
  async notifications(
    @Caller() ctx: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NotificationSettingsView> {
    return answered(reply, await this.settings.of(ctx.tenantId));
  }

  /** Holds for the purchases from now on; those that wait for a digest are still told in it. */
  @Put('notifications')
  @Requires('settings.write')
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The ETag of the settings as they were read; if they have changed since: 412',
    schema: { type: 'string' },
  })
  @Answers(200, notificationSettingsSchema, 412, 413, 415)
  async setNotifications(
    @Caller() ctx: RequestContext,
    @Body({ schema: notificationSettingsBody }) { purchaseAlerts }: NotificationSettingsBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NotificationSettingsView> {
    const expected = ifMatchVersion(ifMatch);
    const { tenantId } = ctx;
    const set = await this.database.transaction(async (session) => {
      const { before, after } = await this.settings.set(session, tenantId, purchaseAlerts, expected);
      if (after.version === before.version) return after;
      const audit = auditOf(ctx, {
        action: 'settings.set',
        subject: { type: 'tenant', id: tenantId },
        before: { ...before },
        after: { ...after },
      });
      await recordChange(this.database, session, this.clock.now(), { audit: [audit] });
      return after;
    });
    return answered(reply, set);
  }
}

const answered = (
  reply: FastifyReply,
  { version, purchaseAlerts }: NotificationSettings,
): NotificationSettingsView => {
  void reply.header('etag', versionEtag(version));
  return { purchaseAlerts };
};
