import { describe, expect, it } from '@jest/globals';
import type {
  AuditEntryView,
  CancellationRequestedView,
  CapacityView,
  LicenseView,
  ListView,
  PartnerTenantView,
  ProductPurchaserView,
  ProductSeatsView,
} from '@commissary/contracts';
import { audit, NOTHING_WRONG } from './support/commands.js';
import { database, quiet } from './support/database.js';
import { eventually } from './support/eventually.js';
import { succeeded } from './support/operations.js';
import { mailOf, mailsOf } from './support/outside.js';
import { adminOf, newcomer, newUser, person } from './support/people.js';
import { must, type Person } from './support/person.js';
import { allOf, assign, buy, central, PRODUCTS, subscription } from './support/shop.js';
import { collectionsOf } from '../support/driver.js';

const CONTOSO = 'contoso.example';
const PATH = `/v1/products/${PRODUCTS.powerBiPro}/purchasers`;

const seatsOf = async (who: Person, origin: string): Promise<ProductSeatsView> => {
  const items = await allOf<ProductSeatsView>(who, `/v1/products?origin=${origin}`);
  const one = items.filter((item) => item.productId === PRODUCTS.powerBiPro);
  expect(one).toHaveLength(1);
  return one[0]!;
};

describe('what admins see of self-service', () => {
  it('[ADM-2] licenses by product: available quantity is all seats bought; inside, users by purchaser', async () => {
    const [admin, buyer, user] = await Promise.all([adminOf(CONTOSO), newcomer(), newUser()]);
    await buy(buyer);
    const before = await seatsOf(admin, 'selfService');
    const { subscriptionId } = await buy(buyer, { quantity: 7 });
    expect(await assign(buyer, subscriptionId, [user.id])).toEqual(['assigned']);
    const after = await seatsOf(admin, 'selfService');
    expect(after).toMatchObject({
      availableQuantity: before.availableQuantity + 7,
      assigned: before.assigned + 1,
      free: before.free + 6,
      subscriptions: before.subscriptions + 1,
    });
    const purchasers = await allOf<ProductPurchaserView>(admin, `${PATH}?origin=selfService&limit=3`);
    const mine = purchasers.filter((item) => item.purchaser?.userId === buyer.userId);
    expect(mine).toMatchObject([{ seats: { purchased: 8, assigned: 2, free: 6 }, users: { count: 2 } }]);
    const users = await allOf<LicenseView>(admin, mine[0]!.users.list);
    expect(users.map((license) => license.userId).sort()).toEqual([buyer.userId, user.id].sort());
  });

  it('[ADM-4] capacity per product and purchaser, with a sample of this day taken', async () => {
    const [admin, buyer] = await Promise.all([adminOf(CONTOSO), newcomer()]);
    await buy(buyer, { quantity: 4 });
    const rows = await allOf<CapacityView>(admin, `/v1/capacity?productId=${PRODUCTS.powerBiPro}&limit=200`);
    const mine = rows.filter((row) => row.purchaser?.userId === buyer.userId);
    const seats = { purchased: 4, assigned: 1, reserved: 0, free: 3 };
    expect(mine).toMatchObject([{ seats, subscriptions: 1 }]);
    expect(mine[0]?.trend.at(-1)).toMatchObject(seats);
    const collections = collectionsOf(await database());
    await eventually('the day is sampled', async () =>
      (await collections.capacityDays.countDocuments({ done: true })) > 0 ? true : undefined,
    );
  });

  it('[ADM-6] centralize: seats at contract price, licenses switched, and the purchaser asked to cancel', async () => {
    const [admin, buyer, user] = await Promise.all([adminOf(CONTOSO), newcomer(), newUser()]);
    const { subscriptionId } = await buy(buyer, { quantity: 3 });
    await assign(buyer, subscriptionId, [user.id]);
    const ours = await central(5);
    expect(await assign(admin, ours.id, [buyer.userId, user.id])).toEqual(['switched', 'switched']);
    expect((await subscription(admin, subscriptionId)).seats).toMatchObject({ assigned: 0, free: 3 });
    const path = `/v1/subscriptions/${subscriptionId}/cancellation-request`;
    const message = 'You all have licenses by us now.\n<b>Thanks</b>';
    const asked = await must(201, admin.post<CancellationRequestedView>(path, { message }));
    expect(asked).toMatchObject({ subscriptionId, message, purchaser: { email: buyer.email } });
    const mail = await mailOf(buyer.email, 'pleaseCancel');
    expect(mail.subject).toBe('Please cancel your subscription of Power BI Pro');
    expect(mail.text).toContain('> You all have licenses by us now.\n> <b>Thanks</b>\n');
    expect(mail.html).toContain('&lt;b&gt;Thanks&lt;/b&gt;');
    const { items } = await must(
      200,
      admin.get<ListView<AuditEntryView>>('/v1/audit?action=cancellation.requested'),
    );
    expect(items[0]).toMatchObject({ subject: { id: subscriptionId }, actor: { userId: admin.userId } });
    // Nothing has changed until the purchaser does it.
    expect((await subscription(buyer, subscriptionId)).status).toBe('active');
    await succeeded(buyer, await must(202, buyer.post(`/v1/subscriptions/${subscriptionId}/cancel`, {})));
    expect((await admin.post(path, {})).problem).toMatchObject({ code: 'illegal_state', state: 'deleted' });
    await quiet();
    expect(await mailsOf(buyer.email, 'pleaseCancel')).toHaveLength(1);
  });

  it('[ADM-7] the partner finds the tenants that delegated, and their views', async () => {
    const partner = await person('global.admin@adatum.example');
    const tenants = await allOf<PartnerTenantView>(partner, '/v1/partner/tenants');
    expect(tenants).toMatchObject([{ domain: CONTOSO, scopes: ['view', 'takeover'] }]);
    const there = partner.in(tenants[0]!.domain);
    expect(await seatsOf(there, 'selfService')).toEqual(await seatsOf(await adminOf(CONTOSO), 'selfService'));
  });

  it('the books balance after all of it [OPS-5]', async () => {
    await quiet();
    expect(await audit()).toEqual(NOTHING_WRONG);
  });
});
