import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { ROOT } from '@commissary/stack';
import type { Stores } from './stores.js';

/** What the figures were measured on, in words. */
export type Machine = Record<string, string>;

/** The commit that was measured, and whether files differ from it. */
const commit = (): string => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git(
      'status',
      '--porcelain',
      '--untracked-files=no',
      '--',
      'apps',
      'libs',
      'stack',
      'test/bench',
    );
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : ', with changes'}`;
  } catch {
    return 'unknown';
  }
};

export const describeMachine = ({ versions }: Stores): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  commit: commit(),
  processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  system: `${platform()} ${release()} ${arch()}`,
  Node: process.versions.node,
  mongod: `${versions.mongod}, one-member replica set, journaled, w: majority`,
  Redis: `${versions.redis}, AOF every second`,
});
