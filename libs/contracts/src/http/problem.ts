import { ERROR_CODES } from '@commissary/domain';
import { z } from 'zod';

/** `application/problem+json` (RFC 9457): the body of every answer from 400 on. [EXT-1] */
export const problemSchema = z
  .object({
    type: z.string().describe('`/problems/{code}`'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(ERROR_CODES),
    requestId: z.string(),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe("JSON Pointer into the body, or a parameter's name after `/`"),
          rule: z.string(),
          detail: z.string(),
        }),
      )
      .optional(),
    reasons: z.array(z.string()).optional().describe('Why a purchase is refused, all that apply [ELG-5]'),
    operation: z.string().optional().describe('URL of the running operation (`operation_in_progress`)'),
    needed: z.int().optional(),
    free: z.int().optional(),
    shortfall: z.int().optional(),
    state: z.string().optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;
