import { Injectable } from '@nestjs/common';
import type { SettingName, SettingValue } from '@commissary/contracts';
import {
  Database,
  DatabaseClock,
  type StoredSetting,
  recordChange,
  TenantSettingsRepository,
} from '@commissary/store';
import { auditOf } from '../http/change-record.js';
import type { RequestContext } from '../http/request-context.js';

/** Reads and changes of a tenant's settings; each change is audited. [ADM-8, ADM-9] */
@Injectable()
export class TenantSettingsService {
  constructor(
    private readonly database: Database,
    private readonly settings: TenantSettingsRepository,
    private readonly clock: DatabaseClock,
  ) {}

  of<N extends SettingName>({ tenantId }: RequestContext, name: N): Promise<StoredSetting<N>> {
    return this.settings.of(tenantId, name);
  }

  /** Throws `stale` if the setting is no longer at the expected version; null: whatever it is now. */
  set<N extends SettingName>(
    ctx: RequestContext,
    name: N,
    change: { value: SettingValue<N>; expectedVersion: number | null },
  ): Promise<StoredSetting<N>> {
    const { tenantId } = ctx;
    return this.database.transaction(async (session) => {
      const { before, after } = await this.settings.set(session, tenantId, name, change);
      if (after.version === before.version) return after;
      // The name is part of the entry, for each setting counts its own versions.
      const audit = auditOf(ctx, {
        action: 'settings.set',
        subject: { type: 'tenant', id: tenantId },
        before: { setting: name, ...before },
        after: { setting: name, ...after },
      });
      await recordChange(this.database, session, this.clock.now(), { audit: [audit] });
      return after;
    });
  }
}
