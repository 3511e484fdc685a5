import { existsSync } from 'node:fs';

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The system's own browser: none is downloaded. */
export const CHROMIUM = PLACES.find((place) => place !== undefined && existsSync(place)) ?? 'chromium';
