/** The process of one side: loads its module and does as it is told over IPC; ends with its parent. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Call, Open, OpenSide, Reply } from './side-contract.js';

type AnySide = OpenSide<unknown, unknown>;

const BENCH = path.resolve(import.meta.dirname, '..');

let side: AnySide | null = null;

const perform = async (call: Call): Promise<unknown> => {
  if (call.kind === 'open') {
    const file = pathToFileURL(path.join(BENCH, call.module)).href;
    const { open } = (await import(file)) as { open: Open<unknown, unknown, unknown> };
    side = await open(call.argument);
    return undefined;
  }
  if (side === null) throw new Error('the side is not open');
  if (call.kind === 'prepare') return side.prepare?.(call.argument);
  if (call.kind === 'run') return side.run(call.argument);
  return side.close();
};

const answer = async (call: Call): Promise<Reply> => {
  const began = performance.now();
  const cpu = process.cpuUsage();
  try {
    const value = await perform(call);
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - began) / 1000;
    return { id: call.id, ok: true, value, seconds, cpuSeconds: (user + system) / 1e6 };
  } catch (error) {
    return { id: call.id, ok: false, error: error instanceof Error ? (error.stack ?? '') : String(error) };
  }
};

process.on('message', (call: Call) => {
  void answer(call).then((reply) => {
    process.send?.(reply, () => {
      if (call.kind === 'close') process.exit(0);
    });
  });
});
// Ctrl-C reaches the whole group; the parent closes its sides itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => process.exit(1));
