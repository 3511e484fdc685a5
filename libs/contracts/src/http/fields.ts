import { TERMS } from '@commissary/domain';
import { z } from 'zod';

/** Fields that many resources share. */
export const timeField = z.iso.datetime().describe('RFC 3339, in UTC');
export const termField = z.enum(TERMS).describe('ISO 8601 duration: a month or a year');
