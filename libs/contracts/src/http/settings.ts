import { PURCHASE_ALERTS } from '@commissary/domain';
import { z } from 'zod';

/** One setting of a tenant: what it looks like, what sets it, and what holds until somebody does. */
export interface TenantSetting<Shape extends z.ZodRawShape> {
  /** What a read answers. */
  schema: z.ZodObject<Shape>;
  /** What a change sends: the whole setting, without unknown fields. */
  body: z.ZodObject<Shape>;
  /** The value until the first change. */
  initial: z.infer<z.ZodObject<Shape>>;
}

/** `id` names the schema in the OpenAPI document. */
const setting = <Shape extends z.ZodRawShape>(
  id: string,
  shape: Shape,
  initial: z.infer<z.ZodObject<Shape>>,
): TenantSetting<Shape> => ({
  schema: z.object(shape).meta({ id }),
  body: z.strictObject(shape),
  initial,
});

const purchaseAlerts = z
  .enum(PURCHASE_ALERTS)
  .describe('immediate: a mail for each purchase; digest: one mail for the purchases of a day (UTC)');

/**
 * Every setting that a tenant's admins read and set at `/v1/settings/{name}`, each with a version of its own. The name is also the
 * field of the tenant's document that holds it. A new setting is one more line here.
 */
export const TENANT_SETTINGS = {
  /** What the tenant's admins are e-mailed. [ADM-8] */
  notifications: setting('NotificationSettings', { purchaseAlerts }, { purchaseAlerts: 'immediate' }),
};

export type SettingName = keyof typeof TENANT_SETTINGS;
export type SettingValue<N extends SettingName> = z.infer<(typeof TENANT_SETTINGS)[N]['schema']>;

export const SETTING_NAMES = Object.keys(TENANT_SETTINGS) as SettingName[];

export type NotificationSettingsView = SettingValue<'notifications'>;
