import { isDeepStrictEqual } from 'node:util';
import { type SettingName, type SettingValue, TENANT_SETTINGS } from '@commissary/contracts';
import { DomainError, notFound } from '@commissary/domain';
import type { Database, Session } from '../database.js';
import type { StoredSetting, StoredSettings } from '../collections/index.js';

/** A setting before and after a change; both are the same where nothing had to be changed. */
export interface SettingChange<N extends SettingName> {
  before: StoredSetting<N>;
  after: StoredSetting<N>;
}

/** What a tenant's admins have set. Each setting counts its own versions, beginning with 0 for its initial value. */
export class TenantSettingsRepository {
  constructor(private readonly database: Database) {}

  /** Throws `not_found` for an unknown tenant. */
  async of<N extends SettingName>(tenantId: string, name: N, session?: Session): Promise<StoredSetting<N>> {
    const tenant = await this.database.models.tenants
      .findOne({ _id: tenantId }, { [name]: 1 }, { session })
      .lean();
    if (!tenant) throw notFound();
    const settings = tenant as StoredSettings;
    return settings[name] ?? { version: 0, ...initialOf(name) };
  }

  /**
   * What is so already changes nothing. Two changes at once conflict, and the transaction of one runs again.
   * Throws `stale` if the setting is no longer at the expected version; null: whatever it is now.
   */
  async set<N extends SettingName>(
    session: Session,
    tenantId: string,
    name: N,
    change: { value: SettingValue<N>; expectedVersion: number | null },
  ): Promise<SettingChange<N>> {
    const before = await this.of(tenantId, name, session);
    if (change.expectedVersion !== null && change.expectedVersion !== before.version) {
      throw new DomainError('stale', 'The settings have changed since you read them.');
    }
    if (isDeepStrictEqual({ ...before, ...change.value }, before)) return { before, after: before };
    const after: StoredSetting<N> = { version: before.version + 1, ...change.value };
    await this.database.models.tenants.updateOne({ _id: tenantId }, { $set: { [name]: after } }, { session });
    return { before, after };
  }
}

const initialOf = <N extends SettingName>(name: N): SettingValue<N> =>
  TENANT_SETTINGS[name].initial as SettingValue<N>;
