import { PURCHASE_ALERTS } from '@commissary/domain';
import { z } from 'zod';

const purchaseAlerts = z
  .enum(PURCHASE_ALERTS)
  .describe('immediate: a mail for each purchase; digest: one mail for the purchases of a day (UTC)');

/** What the tenant's admins are e-mailed. [ADM-8] */
export const notificationSettingsSchema = z.object({ purchaseAlerts }).meta({ id: 'NotificationSettings' });
export type NotificationSettingsView = z.infer<typeof notificationSettingsSchema>;

export const notificationSettingsBody = z.strictObject({ purchaseAlerts });
export type NotificationSettingsBody = z.infer<typeof notificationSettingsBody>;
