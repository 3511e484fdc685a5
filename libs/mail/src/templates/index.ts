import type { NotificationTemplate } from '@commissary/contracts';
import type { Template } from '../content.js';
import { accessRemoved } from './access-removed.js';
import { canceled } from './canceled.js';
import { cardDeclined } from './card-declined.js';
import { licenseAssigned } from './license-assigned.js';
import { moveCompleted } from './move-completed.js';
import { pleaseCancel } from './please-cancel.js';
import { purchaseAlert } from './purchase-alert.js';
import { purchaseDigest } from './purchase-digest.js';
import { purchaserLeft } from './purchaser-left.js';
import { receipt } from './receipt.js';
import { renewalReminder } from './renewal-reminder.js';
import { seatsChanged } from './seats-changed.js';
import { trialEnding } from './trial-ending.js';

/** Every template the contract names; one that is missing here does not compile. [MSG-1] */
export const TEMPLATES: { [T in NotificationTemplate]: Template<T> } = {
  receipt,
  purchaseAlert,
  purchaseDigest,
  cardDeclined,
  renewalReminder,
  trialEnding,
  seatsChanged,
  purchaserLeft,
  licenseAssigned,
  canceled,
  accessRemoved,
  moveCompleted,
  pleaseCancel,
};
