import { z } from 'zod';
import { holdsCardData } from './card-data.js';

/** Control characters (NUL and line breaks among them) and marks that reorder text on a screen. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const NO_CARDS = { error: 'Card numbers and tokens do not belong here' };
const hasNoCard = (text: string): boolean => !holdsCardData(text);

/** One line of a person's text: trimmed, not empty, nothing in it that breaks a header or deceives a reader, and no card. [BUY-3] */
export const lineOfText = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !UNSAFE.test(text), { error: 'Control and text-direction characters are not allowed' })
    .refine(hasNoCard, NO_CARDS);

/** An id in a path or a body; whether it exists is another question. */
export const idText = z.string().min(1).max(100);

/** Lower case, as the directory keeps it. */
export const emailText = z
  .string()
  .max(254)
  .transform((text) => text.toLowerCase())
  .pipe(z.email());

/** Several lines of a person's text; NUL, marks that reorder text and cards are refused. [BUY-3] */
export const blockOfText = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .refine((text) => !UNSAFE.test(text.replace(/[\n\r\t]/g, ' ')), {
      error: 'Control and text-direction characters are not allowed',
    })
    .refine(hasNoCard, NO_CARDS);
