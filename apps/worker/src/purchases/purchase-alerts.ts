import type { NotificationParams } from '@commissary/contracts';
import { mail, type NewEvent, type NewMail, type TenantDocument } from '@commissary/store';

interface Alerts {
  /** Who is told at once; nobody where it is told at the end of the day. */
  recipients: string[];
  mails: NewMail[];
  digested: NonNullable<NewEvent['digested']> | null;
}

/** A purchase is told to each admin at once, or all of a day's together, as the tenant has set. [ADM-8] */
export const alertsOf = (
  { notifications }: Pick<TenantDocument, 'notifications'>,
  admins: readonly string[],
  purchase: NotificationParams<'purchaseAlert'>,
): Alerts => {
  if (notifications?.purchaseAlerts === 'digest') return { recipients: [], mails: [], digested: purchase };
  return {
    recipients: [...admins],
    mails: admins.map((admin) => mail('purchaseAlert', admin, purchase)),
    digested: null,
  };
};
