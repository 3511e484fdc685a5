import { describe, expect, it } from '@jest/globals';
import type {
  LicenseView,
  ListView,
  OperationView,
  SubscriptionView,
  UserOutcomeView,
} from '@commissary/contracts';
import { ended, eventsOf, type ServerEvent, succeeded } from './support/operations.js';
import { adminOf, newcomer, newUser } from './support/people.js';
import { must, type Person } from './support/person.js';
import { allOf, assign, buy, central, subscription } from './support/shop.js';

interface Planned {
  admin: Person;
  source: string;
  target: string;
  /** Who is licensed: the purchaser and the others. */
  users: number;
}

/** A subscription bought by a newcomer and given to `others`, and a central one with room for all. */
const aTakeOver = async (others: number): Promise<Planned> => {
  const buyer = await newcomer();
  const { subscriptionId: source } = await buy(buyer, { quantity: others + 1 });
  const people: string[] = [];
  for (let made = 0; made < others; made += 20) {
    const batch = Array.from({ length: Math.min(20, others - made) }, () => newUser());
    people.push(...(await Promise.all(batch)).map((user) => user.id));
  }
  if (others > 0) await assign(buyer, source, people);
  const target = (await central(others + 1)).id;
  return { admin: await adminOf('contoso.example'), source, target, users: others + 1 };
};

const startMove = ({ admin, source, target }: Planned): Promise<OperationView> =>
  must(202, admin.post<OperationView>(`/v1/subscriptions/${source}/move`, { targetSubscriptionId: target }));

const collect = async (events: AsyncIterable<ServerEvent>, enough: (event: ServerEvent) => boolean) => {
  const seen: ServerEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (enough(event)) break;
  }
  return seen;
};

describe('a move that is watched', () => {
  it("[MOV-3, MOV-5] shows its progress from the worker's process and ends; nothing is lost to who reconnects", async () => {
    const planned = await aTakeOver(60);
    const { id } = await startMove(planned);
    const first = await collect(eventsOf(planned.admin, id), () => true);
    const rest = await collect(eventsOf(planned.admin, id, first.at(-1)?.id), () => false);
    const all = [...first, ...rest];
    expect(all.at(-1)).toMatchObject({ event: 'ended', operation: { status: 'succeeded' } });
    expect(all.at(-1)?.operation.result).toMatchObject({ moved: planned.users, sourceStatus: 'deleted' });
    expect(all.slice(0, -1).every(({ event }) => event === 'progress')).toBe(true);
    const ids = all.map((event) => Number(event.id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const done = all.map(({ operation }) => operation.progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    // Once more after the end: the end, at once.
    const again = await collect(eventsOf(planned.admin, id, all.at(-1)?.id), () => false);
    expect(again.map(({ event }) => event)).toEqual(['ended']);
    const results = await allOf<UserOutcomeView>(planned.admin, `/v1/operations/${id}/results?limit=25`);
    expect(new Set(results.map((row) => row.userId)).size).toBe(planned.users);
    expect(results.every((row) => row.outcome === 'moved' && row.email?.endsWith('@contoso.example'))).toBe(
      true,
    );
  });

  it('[MOV-6] is steered by the admin: paused, resumed, and in the end everybody is on exactly one side', async () => {
    const planned = await aTakeOver(5);
    const { admin } = planned;
    const { id } = await startMove(planned);
    // The move may be faster than the hand: either the pause holds or the move has ended.
    const paused = await admin.post<OperationView>(`/v1/operations/${id}/pause`);
    if (paused.status === 200) {
      expect(paused.body.status).toBe('paused');
      await must(200, admin.post(`/v1/operations/${id}/resume`));
    } else {
      expect(paused.problem?.code).toBe('illegal_state');
    }
    await succeeded(admin, { id });
    const [source, target] = await Promise.all([
      subscription(admin, planned.source),
      subscription(admin, planned.target),
    ]);
    expect(source).toMatchObject({ status: 'deleted', operation: null, seats: { assigned: 0 } });
    expect(target.seats).toMatchObject({ assigned: planned.users, reserved: 0 });
    const licenses = await must(
      200,
      admin.get<ListView<LicenseView>>(`/v1/subscriptions/${planned.target}/licenses`),
    );
    expect(new Set(licenses.items.map((license) => license.userId)).size).toBe(planned.users);
  });

  it('[MOV-6] stopped or not, the seats add up and the reservation is given back', async () => {
    const planned = await aTakeOver(3);
    const { admin } = planned;
    const { id } = await startMove(planned);
    const stopped = await admin.post<OperationView>(`/v1/operations/${id}/stop`);
    const end = await ended(admin, { id });
    expect(end.status).toBe(stopped.status === 200 ? 'stopped' : 'succeeded');
    const sides = await Promise.all([
      subscription(admin, planned.source),
      subscription(admin, planned.target),
    ]);
    expect(sides.map((side: SubscriptionView) => [side.seats.reserved, side.operation])).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(sides[0].seats.assigned + sides[1].seats.assigned).toBe(planned.users);
  });
});
