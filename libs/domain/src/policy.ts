export const POLICY_ID = 'AllowSelfServicePurchase';

export const POLICY_VALUES = ['Enabled', 'Disabled', 'OnlyTrialsWithoutPaymentMethod'] as const;
export type PolicyValue = (typeof POLICY_VALUES)[number];

/** What a new tenant starts with, unless it sets another default. [POL-5] */
export const DEFAULT_POLICY_VALUE: PolicyValue = 'Enabled';
