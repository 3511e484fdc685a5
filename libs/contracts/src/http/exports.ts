import { z } from 'zod';
import { idText } from './text.js';

export const EXPORT_SUBSCRIPTIONS_MAX = 50;

/** Columns of the export of users, in their order. [ADM-3] */
export const USER_EXPORT_COLUMNS = [
  'displayName',
  'email',
  'product',
  'subscription',
  'purchaser',
  'assignedAt',
  'department',
  'usageLocation',
] as const;

export const userExportQuery = z.strictObject({
  subscriptionId: z
    .union([idText, z.array(idText)])
    .transform((ids) => [...new Set([ids].flat())])
    .pipe(z.array(idText).min(1).max(EXPORT_SUBSCRIPTIONS_MAX))
    .describe(`Up to ${EXPORT_SUBSCRIPTIONS_MAX} subscriptions, repeated: one after another in the file`),
});
export type UserExportQuery = z.infer<typeof userExportQuery>;

export const userExportSchema = z
  .string()
  .describe(
    'UTF-8 with a byte order mark, RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe. ' +
      `Columns: ${USER_EXPORT_COLUMNS.join(', ')}`,
  );
