import { z } from 'zod';
import { timeField } from './fields.js';
import { listOf, PAGE_QUERY } from './list.js';
import { idText, lineOfText } from './text.js';

const values = z.record(z.string(), z.unknown()).nullable();

/** Who changed what, when, from where, before and after. [ADM-9] */
export const auditEntrySchema = z
  .object({
    id: idText,
    actor: z.object({ userId: idText, displayName: z.string(), tenantId: idText }),
    action: z.string().describe('noun.verb, such as policy.set'),
    subject: z.object({ type: z.string(), id: z.string() }),
    before: values,
    after: values,
    ip: z.string(),
    requestId: z.string(),
    operationId: idText.nullable(),
    at: timeField,
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof auditEntrySchema>;
export const auditListSchema = listOf(auditEntrySchema);

export const auditListQuery = z.strictObject({
  actor: lineOfText(320).optional().describe('User id or e-mail of who did it'),
  action: lineOfText(100).optional(),
  from: timeField.optional().describe('Inclusive'),
  to: timeField.optional().describe('Exclusive'),
  ...PAGE_QUERY,
});
export type AuditListQuery = z.infer<typeof auditListQuery>;
