import { Body, Controller, Get, Headers, Put, Res, type Type } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { SETTING_NAMES, type SettingName, type SettingValue, TENANT_SETTINGS } from '@commissary/contracts';
import type { StoredSetting } from '@commissary/store';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { ifMatchVersion, versionEtag } from '../http/version-etag.js';
import { Answers } from '../openapi/answers.js';
import { TenantSettingsService } from './tenant-settings.service.js';

/** `GET` and `PUT /v1/settings/{name}`. Its methods are named as the OpenAPI document names its operations. */
const controllerOf = (name: SettingName): Type => {
  const { schema, body } = TENANT_SETTINGS[name];
  const read = name;
  const write = `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;

  @Controller(`v1/settings/${name}`)
  class SettingsController {
    constructor(private readonly settings: TenantSettingsService) {}

    @Get()
    @Requires('settings.read')
    @Answers(200, schema)
    async [read](
      @Caller() ctx: RequestContext,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<SettingValue<SettingName>> {
      return answered(reply, await this.settings.of(ctx, name));
    }

    /** A change holds for what happens from now on. */
    @Put()
    @Requires('settings.write')
    @ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The ETag of the settings as they were read; if they have changed since: 412',
      schema: { type: 'string' },
    })
    @Answers(200, schema, 412, 413, 415)
    async [write](
      @Caller() ctx: RequestContext,
      @Body({ schema: body }) value: SettingValue<SettingName>,
      @Headers('if-match') ifMatch: string | undefined,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<SettingValue<SettingName>> {
      const expectedVersion = ifMatchVersion(ifMatch);
      return answered(reply, await this.settings.set(ctx, name, { value, expectedVersion }));
    }
  }
  return SettingsController;
};

const answered = <N extends SettingName>(
  reply: FastifyReply,
  { version, ...value }: StoredSetting<N>,
): SettingValue<N> => {
  void reply.header('etag', versionEtag(version));
  return value as unknown as SettingValue<N>;
};

/** What a tenant's admins decide about how Commissary works for them: one controller for each setting. [ADM-8] */
export const SETTINGS_CONTROLLERS = SETTING_NAMES.map((name) => controllerOf(name));
