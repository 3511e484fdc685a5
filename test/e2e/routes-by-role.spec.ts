import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type CallerName, CALLERS, ROWS, type Row } from './routes-by-role.table.js';
import { contract } from './support/contract.js';
import { anonymous, newcomer, person, tenantIdOf } from './support/people.js';
import { type Answer, must, type Person, verdictOf } from './support/person.js';
import { another, snapshotOf, type Things, thingsIn } from './support/things.js';

type Callers = Record<CallerName, Person>;

interface Scene {
  callers: Callers;
  contoso: Things;
  litware: Things;
  /** Bytes that only litware has. */
  foreign: string[];
  /** Ids of what contoso's owner bought: for the owner, admins and who acts for them. */
  hidden: string[];
  before: unknown[];
}

const makeCallers = async (owner: Person): Promise<Callers> => {
  const [user, partner, operator, support] = await Promise.all([
    newcomer(),
    person('global.admin@adatum.example'),
    person('operator@commissary.example'),
    person('support@commissary.example'),
  ]);
  return {
    anon: anonymous,
    disab: await person('dana@contoso.example'),
    hdr: user.in('contoso.example'),
    undel: partner.in('litware.example'),
    user,
    guest: await person('gina@contoso.example'),
    owner,
    gAdm: await person('global.admin@contoso.example'),
    bAdm: await person('billing.admin@contoso.example'),
    read: await person('reader@contoso.example'),
    partn: partner.in('contoso.example'),
    phome: partner,
    oper: operator,
    operC: operator.in('contoso.example'),
    supp: support,
    suppC: support.in('contoso.example'),
  };
};

const makeScene = async (): Promise<Scene> => {
  const [contoso, litware] = await Promise.all([
    thingsIn('contoso.example'),
    thingsIn('litware.example', { displayName: 'Hemlig Köpare' }),
  ]);
  const tenantId = await tenantIdOf(litware.owner);
  const { domain, owner, product: _shared, version: _first, ...ids } = litware;
  return {
    callers: await makeCallers(contoso.owner),
    contoso,
    litware,
    foreign: [domain, tenantId, owner.userId, 'Hemlig', 'Litware', ...Object.values<string>(ids)],
    hidden: [contoso.sub, contoso.central, contoso.op, contoso.invoice, contoso.card, contoso.quote],
    before: await snapshotOf(litware),
  };
};

const POLICY = '/v1/policies/AllowSelfServicePurchase';

/** What each route is sent; the rest have no body. */
const BODIES: Record<string, (things: Things, caller: CallerName, scene: Scene) => unknown> = {
  'POST /v1/users': (_things, caller) => ({
    email: `${randomBytes(5).toString('hex')}@${caller === 'phome' ? 'adatum' : 'contoso'}.example`,
    displayName: 'By the table',
  }),
  'PATCH /v1/users/{user}': () => ({ state: 'active' }),
  'POST /v1/quotes': ({ product }) => ({ productId: product, offer: 'purchase', quantity: 1, term: 'P1M' }),
  'POST /v1/payment-methods': () => ({ token: 'tok_visa' }),
  'POST /v1/purchases': ({ quote, card }) => ({ quoteId: quote, paymentMethodId: card }),
  'POST /v1/subscriptions': ({ product }) => ({ productId: product, quantity: 1, term: 'P1M' }),
  'POST /v1/subscriptions/{sub}/licenses': ({ user }) => ({ users: [user] }),
  'POST /v1/subscriptions/{central}/licenses': ({ user }) => ({ users: [user] }),
  'POST /v1/subscriptions/{sub}/licenses/remove': ({ user }) => ({ users: [user] }),
  'POST /v1/subscriptions/{sub}/move-preview': ({ central }) => ({ targetSubscriptionId: central }),
  'POST /v1/subscriptions/{sub}/move': ({ central }) => ({ targetSubscriptionId: central }),
  'POST /v1/subscriptions/{sub}/cancel': (_things, caller) => ({
    ...(caller !== 'owner' && { reason: 'unused' }),
    ...(caller === 'suppC' && { requestedBy: 'global.admin@contoso.example' }),
  }),
  'PUT /v1/subscriptions/{sub}/seats': () => ({ total: 1 }),
  'PUT /v1/subscriptions/{central}/seats': () => ({ total: 60 }),
  'PATCH /v1/subscriptions/{sub}': () => ({ autoRenew: true }),
  'PATCH /v1/subscriptions/{central}': () => ({ autoRenew: true }),
  'POST /v1/invoices/{invoice}/pay': ({ card }) => ({ paymentMethodId: card }),
  [`PUT ${POLICY}/products/{product}`]: () => ({ policyValue: 'Enabled' }),
  [`PUT ${POLICY}/products`]: ({ product }) => ({
    items: [{ productId: product, policyValue: 'Enabled' }],
  }),
  [`PUT ${POLICY}/default`]: () => ({ policyValue: 'Enabled' }),
  'PUT /v1/settings/notifications': () => ({ purchaseAlerts: 'immediate' }),
  [`PUT ${POLICY}/file`]: () => ({ defaultValue: 'Enabled', items: [] }),
  [`POST ${POLICY}/file/diff`]: () => ({ defaultValue: 'Disabled', items: [] }),
};

/** Routes that use a thing up, where they are let: each such cell gets one of its own. */
const USED_UP: Record<string, keyof Things> = {
  'DELETE /v1/users/{user}': 'user',
  'DELETE /v1/payment-methods/{card}': 'card',
  'POST /v1/purchases': 'quote',
  'DELETE /v1/subscriptions/{sub}/licenses/{holder}': 'holder',
  'POST /v1/subscriptions/{sub}/move': 'sub',
  'POST /v1/subscriptions/{sub}/cancel': 'sub',
  'PUT /v1/subscriptions/{sub}/seats': 'sub',
  'PUT /v1/subscriptions/{central}/seats': 'central',
};

type ThingId = Exclude<keyof Things, 'owner'>;

const idOf = (things: Things, name: string): string => things[name as ThingId];

const nameOf = ({ method, path }: Row): string => `${method} ${path}`;

const isAllowed = (expected: string): boolean => /^2\d\d$/.test(expected);

const thingsFor = async (row: Row, expected: string, scene: Scene): Promise<Things> => {
  const things = row.thing === 'litware' ? scene.litware : scene.contoso;
  const usedUp = USED_UP[nameOf(row)];
  if (usedUp === undefined || !isAllowed(expected)) return things;
  return { ...things, ...(await another[usedUp]?.(things)) };
};

const ask = (row: Row, caller: CallerName, things: Things, scene: Scene): Promise<Answer> => {
  const path = row.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => idOf(things, name));
  const body = BODIES[nameOf(row)]?.(things, caller, scene);
  const who = scene.callers[caller];
  const headers: Record<string, string> = {
    ...(path.startsWith(POLICY) && row.method !== 'GET' && { 'if-match': '*' }),
    ...(path.endsWith('/seats') && { 'idempotency-key': randomUUID() }),
  };
  return row.method === 'POST'
    ? who.post(path, body, headers)
    : who.send(row.method, path, body, { headers });
};

const OUTSIDERS: readonly CallerName[] = ['user', 'guest', 'phome', 'supp'];

/** Operators look across tenants; no one else meets a byte of litware's, and outsiders none of what contoso's owner has. */
const leaksIn = (caller: CallerName, { text }: Answer, { foreign, hidden }: Scene): string[] => {
  if (caller === 'oper') return [];
  const secrets = OUTSIDERS.includes(caller) ? [...foreign, ...hidden] : foreign;
  return secrets.filter((bytes) => text.includes(bytes));
};

/** Ids of the right form that nothing has. */
const unknownThings = (things: Things): Things => {
  const unknown = Object.entries<unknown>({ ...things }).map(([name, id]) => {
    const text = typeof id === 'string' && id.includes('_') ? id.replace(/.{8}$/, '00000000') : id;
    return [name, name === 'product' ? id : text] as const;
  });
  return Object.fromEntries(unknown) as unknown as Things;
};

const withoutRequestId = ({ text }: Answer): unknown => ({ ...(JSON.parse(text) as object), requestId: '' });

describe('every route by every role, on own, delegated and foreign things [ADM-5] [ADM-7] [OWN-1]', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await makeScene();
  });

  it('has a row for each route of the gateway, and a route for each row [EXT-1]', async () => {
    const bare = (route: string): string => route.split('?')[0]!.replaceAll(/\{\w+\}/g, '{}');
    const known = new Set(ROWS.map((row) => bare(nameOf(row))));
    const there = new Set((await contract()).routes().map(bare));
    expect([...there].filter((route) => !known.has(route))).toEqual([]);
    expect([...known].filter((route) => !there.has(route))).toEqual([]);
  });

  it.each(ROWS.map((row) => [`${nameOf(row)} (${row.thing})`, row] as const))('%s', async (_title, row) => {
    const answers = await Promise.all(
      CALLERS.map(async (caller) => {
        const things = await thingsFor(row, row.expected[caller], scene);
        return [caller, await ask(row, caller, things, scene)] as const;
      }),
    );
    const got = answers.map(([caller, answer]) => [caller, verdictOf(answer)]);
    expect(Object.fromEntries(got)).toEqual(row.expected);
    const leaks = answers.map(([caller, answer]) => [caller, leaksIn(caller, answer, scene)]);
    expect(leaks).toEqual(CALLERS.map((caller) => [caller, []]));
  });

  it.each(ROWS.filter((row) => row.thing === 'litware').map((row) => [nameOf(row), row] as const))(
    'answers a foreign id as an unknown one: %s',
    async (_title, row) => {
      for (const caller of CALLERS.filter((each) => row.expected[each] === '404 not_found')) {
        const [foreign, unknown] = await Promise.all([
          ask(row, caller, scene.litware, scene),
          ask(row, caller, unknownThings(scene.litware), scene),
        ]);
        expect(withoutRequestId(foreign)).toEqual(withoutRequestId(unknown));
      }
    },
  );

  it('answers an unknown tenant as one that did not delegate [ADM-7]', async () => {
    const partner = await person('global.admin@adatum.example');
    const [undelegated, unknown] = await Promise.all([
      partner.in('litware.example').get('/v1/subscriptions'),
      partner.in('nowhere.example').get('/v1/subscriptions'),
    ]);
    expect(withoutRequestId(undelegated)).toEqual(withoutRequestId(unknown));
  });

  it('has left every foreign thing as it was', async () => {
    expect(await snapshotOf(scene.litware)).toEqual(scene.before);
    await must(200, scene.litware.owner.get(`/v1/operations/${scene.litware.op}`));
  });
});
