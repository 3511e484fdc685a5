import { setTimeout as delay } from 'node:timers/promises';
import type { Database, UserDocument } from '@commissary/store';
import { newId } from '@commissary/platform';
import { aUser } from '../../support/documents.js';
import { addressesOf } from './addresses.js';
import { CANCEL_COLLECTIONS } from './data/cancel-data.js';
import { insertAll } from './data/fresh.js';
import { ADMIN, moveData, type MoveData, TENANT } from './data/move-data.js';
import type { Bench } from './goal.js';
import { HttpTarget } from './http-load.js';
import type { open as openCanceller } from './project/canceller.js';
import type { open as openGateway } from './project/gateway.js';
import { Side } from './side.js';
import type { Variant } from './slices.js';
import { quantile } from './statistics.js';
import { collectionsOf, dbOf } from '../../support/driver.js';
import { migrate } from '@commissary/store';

/** Licenses that may be swept until a measured cancellation is called off. */
const MOST_SWEPT = 200_000;
/** Between putting things back and the next cancellation: what that costs is not to be measured. */
const REST_MS = 100;
const DENIED_WITHIN_MS = 10_000;

/** A subscription of some size with a holder who looks, a gateway, and the worker of cancellations. */
export interface AccessCut {
  size: number;
  database: Database;
  source: MoveData['source'];
  /** Those that are swept first. */
  first: MoveData['licenses'];
  holder: UserDocument;
  gateway: Awaited<ReturnType<typeof startGateway>>;
  target: HttpTarget;
  close(): Promise<void>;
}

const startGateway = (bench: Bench, databaseName: string, holder: UserDocument) =>
  Side.start<typeof openGateway>('lib/project/gateway.js', {
    ...addressesOf(bench, databaseName),
    issuer: null,
    audience: 'bench',
    tenant: TENANT,
    callers: [ADMIN, holder],
    logs: false,
  });

export const openAccessCut = async (bench: Bench, size: number): Promise<AccessCut> => {
  const name = `bench_access_${size}`;
  const database = await bench.stores.open(name);
  await dbOf(database).dropDatabase();
  await migrate(database, { holder: 'test' });
  bench.say(` loading ${size} licenses`);
  const { source, licenses } = moveData(size);
  // The last one in the order of the sweep: the status takes the access away, not the sweep.
  const holder = aUser(TENANT._id, { _id: newId('usr') });
  const last = licenses.pop();
  if (!last) throw new Error('no licenses');
  licenses.push({ ...last, userId: holder._id });
  await insertAll(database, 'tenants', [TENANT]);
  await insertAll(database, 'users', [ADMIN, holder]);
  await insertAll(database, 'licenses', licenses);
  const first = licenses.toSorted((a, b) => (a.userId < b.userId ? -1 : 1)).slice(0, MOST_SWEPT);
  const at = addressesOf(bench, name);
  const [gateway, canceller] = await Promise.all([
    startGateway(bench, name, holder),
    Side.start<typeof openCanceller>('lib/project/canceller.js', at),
  ]);
  const target = new HttpTarget((await gateway.run()).value.url);
  const close = async (): Promise<void> => {
    target.close();
    await Promise.all([gateway.close(), canceller.close()]);
    await dbOf(database).dropDatabase();
    await database.close();
  };
  return { size, database, source: { ...source, operationId: null }, first, holder, gateway, target, close };
};

/** `times` cancellations, one after another, each of the whole subscription. `seen` is told of each, ms, the uncounted ones included. */
export const accessCuts = (cut: AccessCut, times: number, seen: (ms: number) => void): Variant => ({
  name: `${cut.size} licenses`,
  pid: cut.gateway.pid,
  prepare: async () => undefined,
  run: async () => {
    const latencies: number[] = [];
    const before = await cut.gateway.run();
    for (let one = 0; one < times; one += 1) {
      await asBefore(cut);
      await delay(REST_MS);
      latencies.push(await msUntilDenied(cut));
    }
    const after = await cut.gateway.run();
    await asBefore(cut);
    latencies.forEach(seen);
    const at = (q: number): number => quantile(latencies, q);
    return {
      operations: times,
      seconds: latencies.reduce((sum, ms) => sum + ms, 0) / 1000,
      cpuSeconds: after.value.cpuSeconds - before.value.cpuSeconds,
      latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    };
  },
});

/** From the answer to the request for a cancellation to the first look at which the holder has no license any more. */
const msUntilDenied = async ({ target, source, holder }: AccessCut): Promise<number> => {
  const look = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${holder._id}` };
    const body = await target.send({ method: 'GET', path: '/v1/me/licenses', headers, expected: 200 });
    return (JSON.parse(body) as { items: unknown[] }).items.length;
  };
  if ((await look()) !== 1) throw new Error('the holder has no license to lose');
  await target.send({
    method: 'POST',
    path: `/v1/subscriptions/${source._id}/cancel`,
    headers: { authorization: `Bearer ${ADMIN._id}`, 'idempotency-key': newId('req') },
    body: JSON.stringify({ reason: 'unused' }),
    expected: 202,
  });
  const accepted = performance.now();
  while ((await look()) > 0) {
    if (performance.now() - accepted > DENIED_WITHIN_MS) throw new Error('the holder keeps the license');
  }
  return performance.now() - accepted;
};

/** As if nobody had asked: the operation is gone, which ends its sweep, and what was swept until then is back. */
const asBefore = async ({ database, source, first }: AccessCut): Promise<void> => {
  const [collections, db] = [collectionsOf(database), dbOf(database)];
  await collections.operations.deleteMany({});
  const results = await collections.operationResults.find().toArray();
  const swept = results.flatMap((row) => row.groups).flatMap((group) => group.userIds).length;
  if (swept > first.length) throw new Error(`${swept} licenses were swept already`);
  if (swept > 0) await insertAll(database, 'licenses', first.slice(0, swept));
  for (const name of CANCEL_COLLECTIONS) if (name !== 'licenses') await db.collection(name).deleteMany({});
  await insertAll(database, 'subscriptions', [source]);
};
