import { describe, expect, it } from '@jest/globals';
import type {
  AssignmentOutcomesView,
  LicenseView,
  OwnLicenseView,
  RemovalOutcomesView,
} from '@commissary/contracts';
import { mailOf, mailsTo } from './support/outside.js';
import { adminOf, newcomer, newUser } from './support/people.js';
import { must, type Person, verdictOf } from './support/person.js';
import { allOf, assign, buy, central, subscription } from './support/shop.js';

const seatsOf = async (who: Person, id: string): Promise<number[]> => {
  const { purchased, assigned, reserved, free } = (await subscription(who, id)).seats;
  return [purchased, assigned, reserved, free];
};

describe('a purchaser and the licenses', () => {
  it('assigns in a batch, by id or address, and is told what became of each user [OWN-3]', async () => {
    const buyer = await newcomer({ displayName: 'Paula Purchaser' });
    const [byId, byMail, guest, disabled, late, foreign] = await Promise.all([
      newUser(),
      newUser(),
      newUser({ type: 'guest' }),
      newUser(),
      newUser(),
      newUser({ domain: 'litware.example' }),
    ]);
    const admin = await adminOf('contoso.example');
    await must(200, admin.patch(`/v1/users/${disabled.id}`, { state: 'disabled' }));
    const { subscriptionId } = await buy(buyer, { quantity: 3 });
    const users = [
      byId.id,
      byMail.email.toUpperCase(),
      byId.email,
      buyer.email,
      guest.id,
      disabled.email,
      foreign.id,
      foreign.email,
      'nobody@contoso.example',
      late.email,
    ];
    const { items } = await must(
      200,
      buyer.post<AssignmentOutcomesView>(`/v1/subscriptions/${subscriptionId}/licenses`, { users }),
    );
    expect(items.map(({ user, outcome }) => [user, outcome])).toEqual([
      [byId.id, 'assigned'],
      [byMail.email.toUpperCase(), 'assigned'],
      [buyer.email, 'alreadyLicensed'],
      [guest.id, 'guestNotAllowed'],
      [disabled.email, 'userInactive'],
      [foreign.id, 'noSuchUser'],
      [foreign.email, 'noSuchUser'],
      ['nobody@contoso.example', 'noSuchUser'],
      [late.email, 'noFreeSeat'],
    ]);
    expect(items.map(({ userId }) => userId).slice(0, 3)).toEqual([byId.id, byMail.id, buyer.userId]);
    expect(await seatsOf(buyer, subscriptionId)).toEqual([3, 3, 0, 0]);

    const held = await allOf<LicenseView>(buyer, `/v1/subscriptions/${subscriptionId}/licenses?limit=2`);
    expect(held.map(({ userId }) => userId).sort()).toEqual([byId.id, byMail.id, buyer.userId].sort());

    const received = await mailOf(byMail.email, 'licenseAssigned');
    expect([received.to, received.subject]).toEqual([[byMail.email], 'You have a license for Power BI Pro']);
    expect(received.text).toContain('Paula Purchaser');
    await mailOf(byId.email, 'licenseAssigned');
    const others = await Promise.all([guest, disabled, late, foreign].map(({ email }) => mailsTo(email)));
    expect(others.flat()).toEqual([]);
    expect((await mailsTo(buyer.email)).map(({ template }) => template)).not.toContain('licenseAssigned');
  });

  it('what is assigned can be used at once, and is gone at once when it is removed [BUY-5] [OWN-3]', async () => {
    const [buyer, colleague, third] = await Promise.all([newcomer(), newcomer(), newcomer()]);
    const { subscriptionId } = await buy(buyer, { quantity: 2 });
    const path = `/v1/subscriptions/${subscriptionId}/licenses`;
    expect(await assign(buyer, subscriptionId, [colleague.email])).toEqual(['assigned']);
    expect(
      (await allOf<OwnLicenseView>(colleague, '/v1/me/licenses')).map((own) => own.subscriptionId),
    ).toEqual([subscriptionId]);
    expect(await assign(buyer, subscriptionId, [colleague.email, third.email])).toEqual([
      'alreadyLicensed',
      'noFreeSeat',
    ]);
    const { items } = await must(
      200,
      buyer.post<RemovalOutcomesView>(`${path}/remove`, { users: [colleague.email, third.userId] }),
    );
    expect(items.map(({ outcome }) => outcome)).toEqual(['removed', 'notLicensed']);
    expect(await allOf(colleague, '/v1/me/licenses')).toEqual([]);
    expect(await assign(buyer, subscriptionId, [third.email])).toEqual(['assigned']);
    await must(204, buyer.delete(`${path}/${third.userId}`));
    expect(verdictOf(await buyer.delete(`${path}/${third.userId}`))).toBe('404 not_found');
    expect(await seatsOf(buyer, subscriptionId)).toEqual([2, 1, 0, 1]);
  });

  it('only of what they bought: not of another’s, not of the central ones [OWN-3]', async () => {
    const [buyer, other, user] = await Promise.all([newcomer(), newcomer(), newUser()]);
    const [{ subscriptionId }, { id: centralId }] = await Promise.all([
      buy(other, { quantity: 2 }),
      central(2),
    ]);
    for (const id of [subscriptionId, centralId]) {
      const answer = await buyer.post(`/v1/subscriptions/${id}/licenses`, { users: [user.id] });
      expect(verdictOf(answer)).toBe('404 not_found');
    }
  });

  it('20 assignments at once for 5 seats: exactly 5 succeed', async () => {
    const buyer = await newcomer();
    const { subscriptionId } = await buy(buyer, { quantity: 6 });
    const users = await Promise.all(Array.from({ length: 20 }, () => newUser()));
    const outcomes = await Promise.all(users.map(({ id }) => assign(buyer, subscriptionId, [id])));
    expect(outcomes.flat().filter((outcome) => outcome === 'assigned')).toHaveLength(5);
    expect(outcomes.flat().filter((outcome) => outcome === 'noFreeSeat')).toHaveLength(15);
    expect(await seatsOf(buyer, subscriptionId)).toEqual([6, 6, 0, 0]);
  });
});

describe('an admin and the licenses', () => {
  it('must take a self-service subscription over first, seats or no seats [ADM-5]', async () => {
    const [buyer, admin, user] = await Promise.all([newcomer(), adminOf('contoso.example'), newUser()]);
    const { subscriptionId } = await buy(buyer, { quantity: 2 });
    const path = `/v1/subscriptions/${subscriptionId}/licenses`;
    const refused = await Promise.all([
      admin.post(path, { users: [user.id] }),
      admin.post(`${path}/remove`, { users: [buyer.userId] }),
      admin.delete(`${path}/${buyer.userId}`),
    ]);
    expect(refused.map(verdictOf)).toEqual(Array(3).fill('403 takeover_required'));
    expect(await seatsOf(buyer, subscriptionId)).toEqual([2, 1, 0, 1]);
  });

  it('a central seat takes the place of a self-service one of the same product in one write [ADM-6]', async () => {
    const [buyer, admin] = await Promise.all([newcomer(), adminOf('contoso.example')]);
    const [{ subscriptionId }, { id }] = await Promise.all([buy(buyer), central(1)]);
    expect(await assign(admin, id, [buyer.userId])).toEqual(['switched']);
    const licenses = await allOf<OwnLicenseView>(buyer, '/v1/me/licenses');
    expect(licenses.map((license) => license.subscriptionId)).toEqual([id]);
    expect(await seatsOf(admin, subscriptionId)).toEqual([1, 0, 0, 1]);
    expect(await seatsOf(admin, id)).toEqual([1, 1, 0, 0]);
  });
});
