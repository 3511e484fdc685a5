import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import type { OperationView } from '@commissary/contracts';
import { ROOT } from '@commissary/stack';
import type { Model } from './model.js';
import { endOf } from './purchases.js';
import type { Tenant } from './world.js';

const run = promisify(execFile);

interface Seeded {
  sourceSubscriptionId: string;
  targetSubscriptionId: string;
}

/** A subscription with so many users that its move is at work when the first processes die. [RUN-4] */
export const seedBigMove = async (runDir: string, domain: string, users: number): Promise<Seeded> => {
  const file = path.join(ROOT, 'stack/dist/commands/seed.js');
  const args = [file, '--run-dir', runDir, '--tenant', domain, '--users', String(users)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Seeded;
};

/** Asks for the move and follows it to its end, which has to be that of every user. [MOV-3] */
export const bigMove = async (
  { admin, domain }: Tenant,
  model: Model,
  { sourceSubscriptionId: source, targetSubscriptionId: target }: Seeded,
  users: number,
): Promise<void> => {
  const { body, code } = await admin.client.ask<OperationView>({
    method: 'POST',
    path: `/v1/subscriptions/${source}/move`,
    body: { targetSubscriptionId: target },
    key: randomUUID(),
  });
  if (code !== null) throw new Error(`the big move was refused: ${code}`);
  model.accepted({
    id: body.id,
    tenant: domain,
    what: `move of ${users} users`,
    mayEnd: ['succeeded'],
    mayBeRejectedWith: [],
    move: { source, target },
    moved: users,
  });
  await endOf(admin, body.id);
};
