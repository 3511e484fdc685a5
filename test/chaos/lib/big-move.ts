import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ListView, OperationView, SubscriptionView, UserView } from '@commissary/contracts';
import { ROOT } from '@commissary/stack';
import type { Database } from '@commissary/store';
import { watchMove } from './move-watch.js';
import { dismiss } from './people.js';
import { endOf } from './purchases.js';
import type { Acting } from './world.js';

const run = promisify(execFile);

interface Seeded {
  sourceSubscriptionId: string;
  targetSubscriptionId: string;
}

/** Loads a subscription with so many users that its move is still at work when the first processes die. [RUN-4] */
export const seedBigMove = async (runDir: string, domain: string, users: number): Promise<Seeded> => {
  const file = path.join(ROOT, 'stack/dist/commands/seed.js');
  const args = [file, '--run-dir', runDir, '--tenant', domain, '--users', String(users)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Seeded;
};

/**
 * Asks for the move of all users. The function that is returned follows the move to its end and deletes some of its users meanwhile;
 * other actions may disable the deputy who asked for it. [MOV-3, MOV-4]
 */
export const bigMove = async (
  acting: Acting,
  database: Database,
  seeded: Seeded,
  users: number,
): Promise<() => Promise<void>> => {
  const { tenant, model } = acting;
  const { sourceSubscriptionId: source, targetSubscriptionId: target } = seeded;
  const leaving = await someOf(acting, source);
  const { body, code, askedAt } = await tenant.deputy.client.ask<OperationView>({
    method: 'POST',
    path: `/v1/subscriptions/${source}/move`,
    body: { targetSubscriptionId: target },
    key: randomUUID(),
  });
  if (code !== null) throw new Error(`the big move was refused: ${code}`);
  model.accepted({
    id: body.id,
    tenant: tenant.domain,
    what: `move of ${users} users`,
    askedAt,
    mayEnd: ['succeeded'],
    mayBeRejectedWith: [],
    move: { source, target, users },
  });
  const asked = new Set<string>();
  const watched = { operationId: body.id, source, target, users, leaving: asked };
  return async () => {
    let isOver = false;
    const watching = watchMove(database, watched, () => isOver);
    const ended = endOf(model, tenant.deputy, body.id, tenant.admin);
    await Promise.all([ended, leaveOneByOne(acting, leaving, asked)]).finally(() => {
      isOver = true;
    });
    for (const fault of await watching) model.differences.push(fault);
  };
};

const LEAVING = 8;

/** Picks some of the newest users: they have the highest ids and are moved last. */
const someOf = async ({ tenant, random, model }: Acting, source: string): Promise<string[]> => {
  const get = async <T>(path: string): Promise<T> =>
    (await tenant.admin.client.ask<T>({ method: 'GET', path })).body;
  const { items } = await get<ListView<UserView>>('/v1/users?limit=200');
  const { purchaser } = await get<SubscriptionView>(`/v1/subscriptions/${source}`);
  const others = items.filter(({ id }) => !model.people.has(id) && id !== purchaser?.userId);
  return random
    .shuffled(others)
    .slice(0, LEAVING)
    .map(({ id }) => id);
};

const leaveOneByOne = async (acting: Acting, users: readonly string[], asked: Set<string>): Promise<void> => {
  for (const userId of users) {
    await delay(acting.random.int(0, 3_000));
    asked.add(userId);
    await dismiss(acting, userId);
  }
};
