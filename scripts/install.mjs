/** `npm ci`, if what npm says it has installed is not what the lock file asks for. */
import { readFileSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { Failure, ROOT, runChild, say } from './process.mjs';

const NEEDED_BYTES = 600_000_000;

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
  } catch {
    return null;
  }
};

/** npm writes `node_modules/.package-lock.json` last of all, so an interrupted installation has none. */
const isInstalled = () => {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (wanted === null)
    throw new Failure(
      'package-lock.json is missing or damaged: restore it with "git checkout package-lock.json".',
    );
  if (installed === null) return false;
  return Object.entries(wanted).every(([where, entry]) => {
    if (!where.includes('node_modules/')) return true;
    const found = installed[where];
    // Packages for other platforms are left out.
    return found === undefined
      ? entry.optional === true
      : entry.link === true || found.version === entry.version;
  });
};

const freeMegabytes = () => {
  const { bavail, bsize } = statfsSync(ROOT);
  return Math.floor((bavail * bsize) / 1e6);
};

const explain = (output) => {
  if (/ENOSPC|no space left/i.test(output))
    return `the disk is full: make room for ${NEEDED_BYTES / 1e6} MB and run it again.`;
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT/.test(
      output,
    )
  ) {
    return 'the registry of packages cannot be reached: connect to the network, or name a registry or proxy in ~/.npmrc, and run it again.';
  }
  if (/EACCES|EPERM/.test(output)) return `it may not write to ${ROOT}: mend the rights and run it again.`;
  const why = output.split('\n').find((line) => /^npm (error|ERR!)/.test(line)) ?? '';
  return `${why.replace(/^npm (error|ERR!)\s*/, '')}: run "npm ci" to see all it says.`;
};

/** The npm that started us, or else the one on PATH. */
const npm = () => {
  const own = process.env.npm_execpath;
  return own !== undefined && /npm-cli\.c?js$/.test(own) ? [process.execPath, own] : ['npm'];
};

export const install = async (signal) => {
  if (isInstalled()) return;
  const free = freeMegabytes();
  if (free < NEEDED_BYTES / 1e6) {
    throw new Failure(
      `Only ${free} MB are free in ${ROOT} and ${NEEDED_BYTES / 1e6} are needed: make room and run it again.`,
    );
  }
  say('Installing packages by the lock file (npm ci), a minute or so');
  const [command, ...first] = npm();
  const how = ['--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--loglevel=error'];
  const { code, output } = await runChild(command, [...first, 'ci', ...how], { abort: signal });
  if (code !== 0) throw new Failure(`npm ci failed, for ${explain(output)}`);
};
