import { z } from 'zod';

/** Query members of every list; spread them into the list's own `z.strictObject`. */
export const PAGE_QUERY = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .describe('How many items at most, 50 unless given'),
  cursor: z.string().min(1).max(500).optional().describe('The `nextCursor` of the page before'),
} as const;

export interface PageQuery {
  limit: number;
  cursor?: string | undefined;
}

/** `{"items": [...], "nextCursor": "..." | null}`, newest first. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Null on the last page'),
  });

export interface ListView<T> {
  items: T[];
  nextCursor: string | null;
}
