import { BadSettingError } from '@commissary/platform';

/** The one line that says why a worker did not start; Nest's errors have their cause in the first line and advice in the others. */
export const startFailure = (error: unknown): string => {
  if (error instanceof BadSettingError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  return `The worker could not start: ${message.split('\n')[0] ?? ''}`;
};
