import type { open as openReference } from '../references/cursor-to-socket.js';
import { addressesOf } from './addresses.js';
import { type ExportData, loadExports } from './data/export-data.js';
import type { Bench } from './goal.js';
import { download, type Download, type DownloadOptions } from './http-download.js';
import { peakBytesOf } from './process-usage.js';
import type { open as openGateway } from './project/gateway.js';
import { Side } from './side.js';
import type { Variant } from './slices.js';
import { dbOf } from '../../support/driver.js';
import { migrate } from '@commissary/store';

const DATABASE = 'bench_exports';

/** A database with licensed users, the gateway, and the floor of an export. */
export interface Exporting {
  data: ExportData;
  gateway: Awaited<ReturnType<typeof startGateway>>;
  reference: Awaited<ReturnType<typeof startReference>>;
  close(): Promise<void>;
}

const startGateway = (bench: Bench, { tenant, admin }: ExportData) =>
  Side.start<typeof openGateway>('lib/project/gateway.js', {
    ...addressesOf(bench, DATABASE),
    issuer: null,
    audience: 'bench',
    tenant,
    callers: [admin],
    logs: false,
  });

const startReference = (bench: Bench) =>
  Side.start<typeof openReference>('references/cursor-to-socket.js', addressesOf(bench, DATABASE));

/** With a subscription of each of these sizes. */
export const openExporting = async (bench: Bench, sizes: readonly number[]): Promise<Exporting> => {
  const database = await bench.stores.open(DATABASE);
  await dbOf(database).dropDatabase();
  await migrate(database, { holder: 'test' });
  bench.say(` loading ${sizes.reduce((sum, size) => sum + size, 0)} licensed users`);
  const data = await loadExports(database, sizes);
  const [gateway, reference] = await Promise.all([startGateway(bench, data), startReference(bench)]);
  const close = async (): Promise<void> => {
    await Promise.all([gateway.close(), reference.close()]);
    await dbOf(database).dropDatabase();
    await database.close();
  };
  return { data, gateway, reference, close };
};

/** Which of the subscriptions: from the first to the last one, the latter not included. */
export type Range = readonly [from: number, to: number];

const exportFrom = async (
  side: Exporting['gateway'],
  { data }: Pick<Exporting, 'data'>,
  range: Range,
  options?: DownloadOptions,
): Promise<Download> => {
  const { url } = (await side.run()).value;
  const asked = data.subscriptions.slice(...range).map(({ _id }) => `subscriptionId=${_id}`);
  const headers = { authorization: `Bearer ${data.admin._id}` };
  return download(`${url}/v1/exports/users?${asked.join('&')}`, headers, options);
};

const rowsIn = ({ data }: Exporting, range: Range): number =>
  data.subscriptions.slice(...range).reduce((sum, { seats }) => sum + seats.assigned, 0);

/** An export by one side. `seen` is told of each download, the uncounted ones included. */
export const exportBy = (
  exporting: Exporting,
  name: 'gateway' | 'reference',
  range: Range,
  seen: (download: Download) => void = () => undefined,
): Variant => {
  const side = exporting[name];
  return {
    name: name === 'gateway' ? 'export' : 'cursor, template, socket',
    pid: side.pid,
    prepare: async () => undefined,
    run: async () => {
      const before = await side.run();
      const done = await exportFrom(side, exporting, range);
      const after = await side.run();
      seen(done);
      const cpuSeconds = after.value.cpuSeconds - before.value.cpuSeconds;
      return { operations: rowsIn(exporting, range), seconds: done.seconds, cpuSeconds };
    },
  };
};

/** Throws unless both sides send the very same bytes. */
export const requireSameFile = async (exporting: Exporting, range: Range): Promise<void> => {
  const { gateway, reference } = exporting;
  const ours = await exportFrom(gateway, exporting, range, { hashed: true });
  const theirs = await exportFrom(reference, exporting, range, { hashed: true });
  if (ours.sha256 !== theirs.sha256)
    throw new Error(`the files differ: ${ours.bytes} bytes and ${theirs.bytes}`);
};

/** Peak memory, bytes, of a gateway that has exported nothing else; null where it cannot be known. */
export const memoryOfExport = async (
  bench: Bench,
  exporting: Exporting,
  range: Range,
  options?: DownloadOptions,
): Promise<number | null> => {
  const gateway = await startGateway(bench, exporting.data);
  try {
    await exportFrom(gateway, exporting, range, options);
    return peakBytesOf(gateway.pid);
  } finally {
    await gateway.close();
  }
};
