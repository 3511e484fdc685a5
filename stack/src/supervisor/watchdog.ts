/**
 * A process that waits for its supervisor to end, however that happens (its standard input closes then), and ends
 * what the process table still names. Arguments: the table, and files to remove after that.
 */
import { rmSync } from 'node:fs';
import { reap } from './process-table.js';

const GRACE_MS = 10_000;

const [table, ...leftovers] = process.argv.slice(2);
// It sits in a session of its own; only the end of the supervisor ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.stdin.resume();
process.stdin.once('close', () => {
  void reap(table ?? '', GRACE_MS).then(() => {
    for (const file of leftovers) rmSync(file, { force: true });
    process.exit(0);
  });
});
