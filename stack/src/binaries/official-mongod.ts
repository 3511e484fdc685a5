/** MongoDB's own build, by mongodb-memory-server-core, where its address resolves at once. */
import { lookup } from 'node:dns/promises';
import { chmod, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from './wheel.js';

const HOST = 'fastdl.mongodb.org';
const VERSION = '8.0.12';
const RESOLVE_MS = 1_500;

const resolvesAtOnce = async (): Promise<boolean> => {
  const resolved = lookup(HOST).then(
    () => true,
    () => false,
  );
  return Promise.race([resolved, delay(RESOLVE_MS, false, { ref: false })]);
};

interface FetchOptions {
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Leaves mongod at `target`. Throws `Unavailable`. */
export const fetchOfficialMongod = async (target: string, { say, signal }: FetchOptions): Promise<void> => {
  if (!(await resolvesAtOnce())) throw new Unavailable(`${HOST} does not resolve`);
  signal.throwIfAborted();
  say(`Fetching mongod (MongoDB's own build ${VERSION}), once for all clones`);
  try {
    // Loaded only here: it is large, and most starts have no need of it.
    const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
    const downloadDir = path.join(path.dirname(target), 'official');
    const fetched = await MongoBinary.getPath({ version: VERSION, downloadDir });
    await copyFile(fetched, target);
    await chmod(target, 0o755);
  } catch (error) {
    throw new Unavailable(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
};
