import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ListView, PolicyProductView, UserView } from '@commissary/contracts';
import { adminOf, newcomer, newUser } from './support/people.js';
import { must } from './support/person.js';
import { allOf } from './support/shop.js';

const familyOf = (count: number, family: string): Promise<UserView[]> =>
  Promise.all(Array.from({ length: count }, () => newUser({ displayName: `Person ${family}` })));

describe('lists and their cursors [EXT-1]', () => {
  it('gives every row once, newest first, while rows come and go', async () => {
    const family = `Fam${randomBytes(4).toString('hex')}`;
    const admin = await adminOf('contoso.example');
    const before = await familyOf(9, family);
    const path = `/v1/users?q=${family}&limit=2`;
    const first = await must(200, admin.get<ListView<UserView>>(path));
    expect(first.items).toHaveLength(2);

    // The row the cursor stands on goes, one behind it goes, and new ones come.
    const oldestFirst = before.map(({ id }) => id).sort();
    const onCursor = first.items[1]!.id;
    const behind = oldestFirst[0]!;
    await Promise.all([onCursor, behind].map((id) => must(204, admin.delete(`/v1/users/${id}`))));
    await familyOf(2, family);

    const rest = await allOf<UserView>(admin, path, first.nextCursor);
    const seen = [...first.items, ...rest].map(({ id }) => id);
    const expected = oldestFirst.filter((id) => id !== behind).reverse();
    expect(seen).toEqual(expected);
  });

  it('takes limits from 1 to 200 and gives 50 unless told', async () => {
    const family = `Fam${randomBytes(4).toString('hex')}`;
    const reader = await newcomer();
    await familyOf(51, family);
    const page = await must(200, reader.get<ListView<UserView>>(`/v1/users?q=${family}`));
    expect(page.items).toHaveLength(50);
    expect(page.nextCursor).not.toBeNull();
    const one = await must(200, reader.get<ListView<UserView>>(`/v1/users?q=${family}&limit=1`));
    expect(one.items).toEqual(page.items.slice(0, 1));
    const all = await must(200, reader.get<ListView<UserView>>(`/v1/users?q=${family}&limit=200`));
    expect([all.items.length, all.nextCursor]).toEqual([51, null]);
  });

  it('pages through what is not sorted by time as well [POL-2]', async () => {
    const admin = await adminOf('contoso.example');
    const path = '/v1/policies/AllowSelfServicePurchase/products';
    const whole = await must(200, admin.get<ListView<PolicyProductView>>(path));
    expect(whole.items.length).toBeGreaterThan(4);
    expect(await allOf<PolicyProductView>(admin, `${path}?limit=4`)).toEqual(whole.items);
  });
});
