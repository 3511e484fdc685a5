/** The floor of an export: a cursor, a template string a row, the socket; no sign-in, no audit entry, no care for what is in a cell. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { USER_EXPORT_COLUMNS } from '@commissary/contracts';
import {
  Database,
  type LicenseDocument,
  type SubscriptionDocument,
  type UserDocument,
} from '@commissary/store';
import { type ServerState, usedSoFar } from '../lib/server-state.js';
import type { OpenSide, StoreAddresses } from '../lib/side-contract.js';
import { collectionsOf } from '../../support/driver.js';

const BATCH = 1_000;

type License = Pick<LicenseDocument, 'userId' | 'assignedAt'>;
type User = Pick<UserDocument, '_id' | 'displayName' | 'email' | 'department' | 'usageLocation'>;

const LICENSE_FIELDS = { _id: 0, userId: 1, assignedAt: 1 };
const USER_FIELDS = { displayName: 1, email: 1, department: 1, usageLocation: 1 };

const textOf = (
  { _id, productName }: SubscriptionDocument,
  licenses: readonly License[],
  users: readonly User[],
): string => {
  const byId = new Map(users.map((user) => [user._id, user]));
  let text = '';
  for (const { userId, assignedAt } of licenses) {
    const user = byId.get(userId);
    if (!user) throw new Error(`there is no ${userId}`);
    const { displayName, email, department, usageLocation } = user;
    text += `${displayName},${email},${productName},${_id},,${assignedAt.toISOString()},${department ?? ''},${usageLocation}\r\n`;
  }
  return text;
};

/** One after another, as one would write it: the database waits for the socket, and the socket for the database. */
const send = async (database: Database, subscriptionId: string, response: ServerResponse): Promise<void> => {
  const collections = collectionsOf(database);
  const subscription = await collections.subscriptions.findOne({ _id: subscriptionId });
  if (!subscription) throw new Error(`there is no ${subscriptionId}`);
  const { tenantId } = subscription;
  const cursor = collections.licenses
    .find<License>({ tenantId, subscriptionId }, { projection: LICENSE_FIELDS, sort: { userId: 1 } })
    .batchSize(BATCH);
  let batch: License[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const users = await collections.users
      .find<User>(
        { _id: { $in: batch.map((license) => license.userId) }, tenantId },
        { projection: USER_FIELDS, batchSize: BATCH + 1 },
      )
      .toArray();
    if (!response.write(textOf(subscription, batch, users))) await once(response, 'drain');
    batch = [];
  };
  for await (const license of cursor) if (batch.push(license) === BATCH) await flush();
  await flush();
};

export const open = async (at: StoreAddresses): Promise<OpenSide<void, ServerState>> => {
  const database = await Database.connect({ uri: at.mongodbUri, appName: 'bench-reference' });
  const answer = async (url: URL, response: ServerResponse): Promise<void> => {
    response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' });
    response.write(`\ufeff${USER_EXPORT_COLUMNS.join(',')}\r\n`);
    for (const id of url.searchParams.getAll('subscriptionId')) await send(database, id, response);
    response.end();
  };
  const server = createServer((request, response) => {
    answer(new URL(request.url ?? '/', 'http://localhost'), response).catch((error: unknown) =>
      response.destroy(error as Error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    run: async () => ({ url: `http://127.0.0.1:${port}`, cpuSeconds: usedSoFar() }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await database.close();
    },
  };
};
