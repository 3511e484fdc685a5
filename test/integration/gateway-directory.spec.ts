import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DiscoveryView, ListView, SubscriptionView, UserView } from '@commissary/contracts';
import { newId } from '@commissary/platform';
import type { SubscriptionDocument, TenantDocument, UserDocument } from '@commissary/store';
import { aLicense, aSubscription } from '../support/documents.js';
import { TestGateway } from '../support/gateway/test-gateway.js';
import { collectionsOf } from '../support/driver.js';

let gateway: TestGateway;
let tenant: TenantDocument;
let admin: UserDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  tenant = await gateway.tenant({ domains: ['contoso.example'] });
  admin = await gateway.user(tenant, { roles: ['globalAdmin'] });
});

afterAll(() => gateway.close());

const key = () => ({ 'idempotency-key': newId('req') });
const collections = () => collectionsOf(gateway.database);

describe('discovery', () => {
  it('[BUY-1] answers by the domain alone, and the same for accounts that do not exist', async () => {
    const ask = (email: string) =>
      gateway.ask<DiscoveryView>('GET', `/v1/discovery?email=${encodeURIComponent(email)}`);
    const [known, unknown, foreign] = await Promise.all([
      ask(admin.email),
      ask('nobody@contoso.example'),
      ask('someone@elsewhere.example'),
    ]);
    expect(known.body).toEqual({ managed: true, signInUrl: 'http://127.0.0.1:1/auth/sign-in' });
    expect(unknown.body).toEqual(known.body);
    expect(foreign.body).toEqual({ managed: false, signInUrl: null });
    expect((await gateway.ask('GET', '/v1/discovery?email=nonsense')).status).toBe(400);
  });
});

describe('the directory', () => {
  it("[EXT-3] an admin makes an account once per key; the address has to be free and the tenant's own", async () => {
    const body = { email: 'New.Person@contoso.example', displayName: 'New Person' };
    const headers = key();
    const first = await gateway.as<UserView>(admin, 'POST', '/v1/users', { body, headers });
    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe(`/v1/users/${first.body.id}`);
    expect(first.body).toMatchObject({
      email: 'new.person@contoso.example',
      state: 'active',
      usageLocation: 'US',
    });
    const again = await gateway.as(admin, 'POST', '/v1/users', { body, headers });
    expect([again.status, again.body]).toEqual([201, first.body]);
    const taken = await gateway.as(admin, 'POST', '/v1/users', { body, headers: key() });
    expect(taken.body.errors?.[0]).toMatchObject({ pointer: '/email', rule: 'unique' });
    const foreign = await gateway.as(admin, 'POST', '/v1/users', {
      body: { ...body, email: 'a@litware.example' },
      headers: key(),
    });
    expect(foreign.body.errors?.[0]).toMatchObject({ pointer: '/email', rule: 'own_domain' });
    const audited = await collections().audit.findOne({ 'subject.id': first.body.id });
    expect(audited).toMatchObject({
      action: 'user.created',
      actor: { userId: admin._id },
      requestId: expect.any(String),
    });
  });

  it('[API] members search by the start of a name or address; text is no pattern; pages do not overlap', async () => {
    const litware = await gateway.tenant();
    const member = await gateway.user(litware);
    const people = [];
    for (const displayName of [
      'Grady Archie',
      'Megan Bowen',
      'Irvin (Sayers)',
      'Archie Gold',
      'Archibald Ray',
    ]) {
      people.push(await gateway.user(litware, { displayName }));
    }
    const search = async (query: string) =>
      (await gateway.as<ListView<UserView>>(member, 'GET', `/v1/users?${query}`)).body;
    const names = (page: ListView<UserView>) => page.items.map((item) => item.displayName);
    expect(names(await search('q=archi'))).toEqual(['Archibald Ray', 'Archie Gold', 'Grady Archie']);
    expect(names(await search(`q=${encodeURIComponent('.*')}`))).toEqual([]);
    expect(names(await search(`q=${encodeURIComponent('(say')}`))).toEqual(['Irvin (Sayers)']);
    const first = await search('limit=4');
    const second = await search(`limit=4&cursor=${first.nextCursor}`);
    expect(new Set([...first.items, ...second.items].map((item) => item.id)).size).toBe(6);
    expect(second.nextCursor).toBeNull();
    const guest = await gateway.user(litware, { type: 'guest' });
    expect((await gateway.as(guest, 'GET', '/v1/users')).status).toBe(403);
    expect((await gateway.as(member, 'GET', `/v1/users/${admin._id}`)).status).toBe(404);
  });

  it('[API] only a global admin changes it', async () => {
    const billing = await gateway.user(tenant, { roles: ['billingAdmin'] });
    const target = await gateway.user(tenant);
    const replies = await Promise.all([
      gateway.as(billing, 'POST', '/v1/users', { body: {}, headers: key() }),
      gateway.as(billing, 'PATCH', `/v1/users/${target._id}`, { body: { state: 'disabled' } }),
      gateway.as(billing, 'DELETE', `/v1/users/${target._id}`),
    ]);
    expect(replies.map((reply) => reply.status)).toEqual([403, 403, 403]);
  });

  it('[API] a disabled account keeps its licenses, cannot sign in, and comes back', async () => {
    const person = await gateway.user(tenant);
    const subscription = await bought(person);
    const set = (state: string) =>
      gateway.as<UserView>(admin, 'PATCH', `/v1/users/${person._id}`, { body: { state } });
    expect((await set('disabled')).body.state).toBe('disabled');
    expect((await gateway.as(person, 'GET', '/v1/me')).body.code).toBe('account_inactive');
    expect(await collections().licenses.countDocuments({ subscriptionId: subscription._id })).toBe(1);
    expect((await set('active')).body.state).toBe('active');
    expect((await gateway.as(person, 'GET', '/v1/me')).status).toBe(200);
  });
});

const bought = async (holder: UserDocument, fields: Partial<SubscriptionDocument> = {}) => {
  const subscription = aSubscription(holder.tenantId, {
    seats: { purchased: 5, assigned: 1, reservations: [] },
    ...fields,
  });
  await collections().subscriptions.insertOne(subscription);
  await collections().licenses.insertOne(aLicense(subscription, holder._id));
  return subscription;
};

describe('deleting an account', () => {
  it('[DATA-1] frees its seats, and keeps what it bought', async () => {
    const person = await gateway.user(tenant);
    const subscription = await bought(person, { purchaserId: person._id });
    expect((await gateway.as(admin, 'DELETE', `/v1/users/${person._id}`)).status).toBe(204);
    expect((await gateway.as(admin, 'GET', `/v1/users/${person._id}`)).status).toBe(404);
    expect(await collections().licenses.countDocuments({ subscriptionId: subscription._id })).toBe(0);
    const after = await collections().subscriptions.findOne({ _id: subscription._id });
    expect(after).toMatchObject({
      status: 'active',
      purchaserId: person._id,
      seats: { purchased: 5, assigned: 0 },
    });
    const events = await collections()
      .events.find({ tenantId: tenant._id, type: 'license.removed' })
      .toArray();
    expect(events.map((event) => event.subjectId)).toContain(subscription._id);
  });

  it('[SUB-2, DATA-1] tells each active admin of the living subscriptions a purchaser leaves, which stay as they are', async () => {
    const small = await gateway.tenant();
    const [global, billing, , gone] = [
      await gateway.user(small, { roles: ['globalAdmin'] }),
      await gateway.user(small, { roles: ['billingAdmin'] }),
      await gateway.user(small, { roles: ['globalReader'] }),
      await gateway.user(small, { roles: ['billingAdmin'], state: 'disabled' }),
    ];
    const person = await gateway.user(small, { displayName: 'Leaving Lee' });
    const own = { purchaserId: person._id };
    const colleague = await gateway.user(small);
    const kept = await bought(colleague, own);
    const locked = await bought(person, { ...own, productId: 'CFQ7TTC0H6RP', status: 'disabled' });
    await bought(colleague, { ...own, productId: 'CFQ7TTC0LH2H', status: 'deleted' });
    await bought(colleague, { productId: 'CFQ7TTC0HD33', purchaserId: colleague._id });
    expect((await gateway.as(global, 'DELETE', `/v1/users/${person._id}`)).status).toBe(204);
    const [event, ...more] = await collections()
      .events.find({ tenantId: small._id, type: 'purchaser.left' })
      .toArray();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      subjectId: person._id,
      data: {
        subscriptionCount: 2,
        subscriptionIds: [locked._id, kept._id],
        recipients: { purchaserLeft: expect.arrayContaining([global._id, billing._id]) },
      },
    });
    const mails = await collections()
      .notifications.find({ eventId: event?._id ?? '' })
      .sort({ recipientUserId: 1 })
      .toArray();
    expect(mails.map(({ recipientUserId }) => recipientUserId)).toEqual([global._id, billing._id]);
    expect(mails.map(({ recipientUserId }) => recipientUserId)).not.toContain(gone._id);
    expect(mails[0]).toMatchObject({
      template: 'purchaserLeft',
      params: {
        purchaserName: 'Leaving Lee',
        purchaserEmail: person.email,
        subscriptionCount: 2,
        subscriptions: [
          { id: locked._id, seats: 5 },
          { id: kept._id, seats: 5 },
        ],
      },
    });
    expect(await collections().subscriptions.findOne({ _id: kept._id })).toEqual(kept);
    // Who bought nothing is not told of.
    expect((await gateway.as(global, 'DELETE', `/v1/users/${billing._id}`)).status).toBe(204);
    expect(await collections().events.countDocuments({ tenantId: small._id, type: 'purchaser.left' })).toBe(
      1,
    );
  });

  it('[SUB-2] a purchaser who is disabled has left too: told of once, also if deleted later, and anew after coming back', async () => {
    const small = await gateway.tenant();
    const boss = await gateway.user(small, { roles: ['globalAdmin'] });
    const person = await gateway.user(small);
    const user = await gateway.user(small);
    const subscription = await bought(user, { purchaserId: person._id });
    const leaveMails = async () => {
      const mails = await collections()
        .notifications.find({ tenantId: small._id, template: 'purchaserLeft' })
        .sort({ _id: 1 })
        .toArray();
      return mails.map(({ recipientUserId, params }) => [
        recipientUserId,
        (params as { isDisabled: boolean }).isDisabled,
      ]);
    };
    const become = (state: string) =>
      gateway.as(boss, 'PATCH', `/v1/users/${person._id}`, { body: { state } });
    expect((await become('disabled')).status).toBe(200);
    expect((await become('disabled')).status).toBe(200);
    expect(await leaveMails()).toEqual([[boss._id, true]]);
    await become('active');
    await become('disabled');
    expect(await leaveMails()).toHaveLength(2);
    expect((await gateway.as(boss, 'DELETE', `/v1/users/${person._id}`)).status).toBe(204);
    expect(await leaveMails()).toHaveLength(2);
    // Its users work on, and admins find it by whoever bought it.
    expect(await collections().subscriptions.findOne({ _id: subscription._id })).toEqual(subscription);
    const licenses = await gateway.as<ListView<unknown>>(user, 'GET', '/v1/me/licenses');
    expect(licenses.body.items).toHaveLength(1);
    for (const named of [person._id, person.email]) {
      const { body } = await gateway.as<ListView<SubscriptionView>>(
        boss,
        'GET',
        `/v1/subscriptions?purchaser=${named}`,
      );
      expect(body.items).toMatchObject([
        { id: subscription._id, status: 'active', purchaser: { email: person.email, state: 'deleted' } },
      ]);
    }
    // The address may be somebody else's by now, who bought nothing.
    await gateway.user(small, { email: person.email });
    const { body } = await gateway.as<ListView<SubscriptionView>>(
      boss,
      'GET',
      `/v1/subscriptions?purchaser=${person.email}`,
    );
    expect(body.items).toEqual([]);
  });

  it('[MOV-4] leaves a license that an operation holds to the operation', async () => {
    const person = await gateway.user(tenant);
    const subscription = await bought(person, { operationId: 'op_held' });
    expect((await gateway.as(admin, 'DELETE', `/v1/users/${person._id}`)).status).toBe(204);
    const license = await collections().licenses.findOne({ subscriptionId: subscription._id });
    expect(license?.userDeletedAt).toBeInstanceOf(Date);
    expect(await collections().leftLicenses.findOne({ subscriptionId: subscription._id })).toEqual({
      _id: license?._id,
      tenantId: tenant._id,
      subscriptionId: subscription._id,
      userId: person._id,
    });
    expect((await collections().subscriptions.findOne({ _id: subscription._id }))?.seats.assigned).toBe(1);
  });

  it('[API] nobody deletes the own account, and the last global admin stays', async () => {
    const small = await gateway.tenant();
    const admins = [
      await gateway.user(small, { roles: ['globalAdmin'] }),
      await gateway.user(small, { roles: ['globalAdmin'] }),
    ] as const;
    const self = await gateway.as(admins[0], 'DELETE', `/v1/users/${admins[0]._id}`);
    expect([self.status, self.body.code]).toEqual([409, 'illegal_state']);
    const both = await Promise.all([
      gateway.as(admins[0], 'DELETE', `/v1/users/${admins[1]._id}`),
      gateway.as(admins[1], 'PATCH', `/v1/users/${admins[0]._id}`, { body: { state: 'disabled' } }),
    ]);
    expect(both.filter((reply) => reply.status < 300)).toHaveLength(1);
    const left = { tenantId: small._id, roles: 'globalAdmin', state: 'active' } as const;
    expect(await collections().users.countDocuments(left)).toBe(1);
  });
});
