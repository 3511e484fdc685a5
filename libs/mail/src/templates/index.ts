import type { NotificationTemplate } from '@commissary/contracts';
import type { Template } from '../content.js';
import { accessRemoved } from './access-removed.js';
import { canceled } from './canceled.js';
import { cardDeclined } from './card-declined.js';
import { licenseAssigned } from './license-assigned.js';
import { moveCompleted } from './move-completed.js';
import { purchaseAlert } from './purchase-alert.js';
import { receipt } from './receipt.js';

/** Every template the contract names; one that is missing here does not compile. [MSG-1] */
export const TEMPLATES: { [T in NotificationTemplate]: Template<T> } = {
  receipt,
  purchaseAlert,
  cardDeclined,
  licenseAssigned,
  canceled,
  accessRemoved,
  moveCompleted,
};
