import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { birthOf, entryOf, isAlive, reap, writeJsonAtomically } from './process-table.js';

const STUBBORN = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")';

describe('process table', () => {
  let folder: string;
  let child: ChildProcess;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'table-'));
    child = spawn(process.execPath, ['-e', STUBBORN], { stdio: ['ignore', 'pipe', 'ignore'] });
    if (child.stdout) await once(child.stdout, 'data');
  });
  afterEach(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('RUN-2 ends what is named, by force if it must', async () => {
    const ended = once(child, 'exit');
    const table = path.join(folder, 'table.json');
    writeJsonAtomically(table, [entryOf('stubborn', child.pid ?? 0)]);
    await reap(table, 200);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(birthOf(child.pid ?? 0)).toBeNull();
  });

  it('RUN-2 spares a process that merely has the pid of one that was', async () => {
    const entry = { ...entryOf('other', child.pid ?? 0), birth: '1' };
    expect(isAlive(entry)).toBe(false);
    const table = path.join(folder, 'table.json');
    writeJsonAtomically(table, [entry]);
    await reap(table, 200);
    expect(child.exitCode).toBeNull();
    expect(child.signalCode).toBeNull();
  });
});
