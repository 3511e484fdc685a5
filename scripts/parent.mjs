/**
 * npm passes SIGINT and SIGTERM on to the process that it has started, which is this one: the scripts of package.json begin with
 * `exec`, for a shell in between would keep a SIGINT to itself until its command ends. npm does not pass on every way it can end
 * itself, so this process looks whether npm still lives.
 */
import { readFileSync } from 'node:fs';

const POLL_MS = 500;

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** Our parent, and npm behind it where the parent is only the shell that npm starts scripts with (Linux can tell). */
const parents = () => {
  const isNpmsShell = /run\.mjs/.test(read(`/proc/${process.ppid}/cmdline`));
  const stat = isNpmsShell ? read(`/proc/${process.ppid}/stat`) : '';
  const grandparent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return `${process.ppid} ${grandparent ?? ''}`;
};

/** From npm's end on this process is treated as if its terminal had been closed: whoever handles SIGHUP then, ends in order. */
export const endWithNpm = () => {
  if (process.env.npm_lifecycle_event === undefined) return;
  const before = parents();
  const poll = setInterval(() => {
    if (parents() === before) return;
    clearInterval(poll);
    process.kill(process.pid, 'SIGHUP');
  }, POLL_MS);
  poll.unref();
};
