import { z } from 'zod';
import type { SealedCookie } from './sealed-cookies.js';

const HOURS = 3600;

/** Who signed in in this browser; what they may do is asked of the directory at each request. */
export const SESSION = {
  name: 'commissary_session',
  path: '/',
  seconds: 8 * HOURS,
  schema: z.object({ userId: z.string(), tenantId: z.string() }),
} satisfies SealedCookie<z.ZodObject>;

/** What a sign-in under way has to remember until the browser comes back. */
export const SIGN_IN = {
  name: 'commissary_sign_in',
  path: '/auth',
  seconds: 600,
  schema: z.object({
    state: z.string(),
    nonce: z.string(),
    codeVerifier: z.string(),
    returnTo: z.string(),
  }),
} satisfies SealedCookie<z.ZodObject>;

const START_PAGE = '/queues';

/** Only pages of our own that need a sign-in: never another site. */
export const safeReturnTo = (path: string | undefined): string =>
  path !== undefined && /^\/(queues|docs)(\/[\w/.-]*)?$/.test(path) ? path : START_PAGE;
