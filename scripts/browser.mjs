/** The tests try the dashboards in a real browser: the system's own, or Debian's package where we may install it. */
import { existsSync } from 'node:fs';
import { Failure, runChild, say } from './process.mjs';

/** As test/e2e/support/chromium.ts looks for it. */
const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const REMEDY = 'install the package chromium, or set CHROMIUM_PATH to a Chromium or Chrome';

export const browser = async (signal) => {
  if (PLACES.some((place) => place && existsSync(place))) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Failure(`The tests need a Chromium and there is none: ${REMEDY}.`);
  }
  say('Installing Chromium for the browser tests (apt-get), a minute or so');
  const steps = [
    ['-qq', 'update'],
    ['-qq', '-y', 'install', '--no-install-recommends', 'chromium'],
  ];
  for (const step of steps) {
    const { code } = await runChild('/usr/bin/apt-get', step, { abort: signal });
    if (code !== 0)
      throw new Failure(`apt-get could not install the Chromium that the tests need: ${REMEDY}.`);
  }
};
