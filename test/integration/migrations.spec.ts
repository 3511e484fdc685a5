import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  COLLECTION_NAMES,
  Database,
  declaredFingerprint,
  migrate,
  MIGRATIONS,
  planMigrations,
  requireMigrated,
  SchemaVersionError,
} from '@commissary/store';
import { fillWithOld, oldCollections } from '../support/before-migrations.js';
import { testServices } from '../support/database.js';
import { collectionsOf, dbOf } from '../support/driver.js';
import { ROOT } from '../support/stack-process.js';

const services = testServices();
let database: Database;

beforeEach(async () => {
  database = await Database.connect({ uri: services.mongodbUri, appName: 'test' });
});

afterEach(async () => {
  await dbOf(database).dropDatabase();
  await database.close();
});

afterAll(() => services.remove());

/** Runs the deployer's program. `onLine` is told each line it prints, with the process. */
const program = async (args: string[], onLine?: (line: string, kill: () => void) => void) => {
  const child = spawn(process.execPath, [path.join(ROOT, 'apps/worker/dist/migrate.js'), ...args], {
    env: { PATH: process.env['PATH'], MONGODB_URI: services.mongodbUri },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    onLine?.(line, () => child.kill('SIGKILL'));
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, lines, errors };
};

/** What each collection is, as MongoDB says it. */
const shapeOfDatabase = async () => {
  const found = await database.existingCollections();
  const shapes = found.map(async ({ name, validator }) => [
    name,
    { validator, indexes: (await dbOf(database).collection(name).indexes()).sort(byName) },
  ]);
  return Object.fromEntries((await Promise.all(shapes)) as [string, unknown][]);
};

const byName = (a: { name?: string }, b: { name?: string }) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1);

/** Of a database that never was at an earlier version. */
const freshShape = async () => {
  await migrate(database, { holder: 'fresh' });
  const shape = await shapeOfDatabase();
  await dbOf(database).dropDatabase();
  return shape;
};

describe('migrations [OPS-8]', () => {
  it('come with every change of a declaration', () => {
    // Fails after a change of an index or a schema: add a migration with this fingerprint to migrations.ts.
    expect(MIGRATIONS.at(-1)?.fingerprint).toBe(declaredFingerprint());
    const ids = MIGRATIONS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('make an empty database, once', async () => {
    expect(await migrate(database, { holder: 'a' })).toEqual(MIGRATIONS.map(({ id }) => id));
    const names = (await database.existingCollections()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...COLLECTION_NAMES]));
    expect(await planMigrations(database)).toEqual([]);
    expect(await migrate(database, { holder: 'a' })).toEqual([]);
  });

  it('take over a database that was filled before there were migrations, and drop what is not wanted any more', async () => {
    const wanted = await freshShape();
    await fillWithOld(dbOf(database));
    await dbOf(database)
      .collection('licenses')
      .createIndexes([{ key: { assignedAt: 1 }, name: 'ofNoUseNow' }]);
    await migrate(database, { holder: 'a' });
    expect(await shapeOfDatabase()).toEqual(wanted);
    for (const [name, { documents }] of Object.entries(oldCollections())) {
      expect(await dbOf(database).collection(name).countDocuments()).toBe(documents.length);
    }
  });

  it('say what they would do, and change nothing', async () => {
    await fillWithOld(dbOf(database));
    await dbOf(database)
      .collection('licenses')
      .createIndexes([{ key: { assignedAt: 1 }, name: 'ofNoUseNow' }]);
    const before = await shapeOfDatabase();
    const { code, lines } = await program(['--dry-run']);
    expect(code).toBe(0);
    expect(lines).toContain('It would drop the index ofNoUseNow of licenses.');
    expect(lines.at(-1)).toBe('This was a dry run: nothing was changed.');
    expect(await shapeOfDatabase()).toEqual(before);
  });

  it('go on where a killed process left them', async () => {
    const wanted = await freshShape();
    await fillWithOld(dbOf(database));
    const killed = await program([], (line, kill) => {
      if (line.includes('check the documents of invoices')) kill();
    });
    expect(killed.signal).toBe('SIGKILL');
    await expect(requireMigrated(database)).rejects.toThrow(SchemaVersionError);
    // The dead process holds the lock until it has been silent for long enough; here that time is over.
    await collectionsOf(database).migrationLocks.updateOne({}, { $set: { until: new Date(0) } });
    const { code, lines } = await program([]);
    expect(code).toBe(0);
    expect(lines[0]).toBe(`Migration ${MIGRATIONS[0]?.id} goes on.`);
    expect(await shapeOfDatabase()).toEqual(wanted);
    await requireMigrated(database);
  });

  it('are run by one process at a time', async () => {
    await fillWithOld(dbOf(database));
    const made = await Promise.all(['a', 'b', 'c'].map((holder) => migrate(database, { holder })));
    expect(made.filter((ids) => ids.length > 0)).toHaveLength(1);
  });

  it('stop in front of a document that the database would refuse, and name it', async () => {
    await fillWithOld(dbOf(database));
    await dbOf(database)
      .collection('markets')
      .insertOne({ _id: 'XX' as never, nickname: 'x' });
    const { code, errors } = await program([]);
    expect(code).toBe(1);
    expect(errors).toContain('The document XX of markets has another shape');
  });
});

describe('a process that serves [OPS-8]', () => {
  it('does not start on a database that was not migrated, or was by a newer version', async () => {
    await expect(requireMigrated(database)).rejects.toThrow('run "npm run migrate"');
    await migrate(database, { holder: 'a' });
    await requireMigrated(database);
    const newer = { _id: '9999-newer', startedAt: new Date(), endedAt: new Date() };
    await collectionsOf(database).migrations.insertOne(newer);
    await expect(requireMigrated(database)).rejects.toThrow('9999-newer of a newer version');
    await expect(migrate(database, { holder: 'a' })).rejects.toThrow(SchemaVersionError);
  });
});
