import { randomBytes, randomUUID } from 'node:crypto';
import type { MeView, UserView } from '@commissary/contracts';
import type { StackFile } from '@commissary/stack';
import { Client, type Counts, type Gateways, tokenOf } from './client.js';
import type { Model } from './model.js';
import type { Member, Tenant } from './world.js';

const TENANTS: Record<string, readonly string[]> = {
  'contoso.example': ['alex', 'blake', 'casey', 'sam'],
  'litware.example': ['user'],
  'relecloud-org.example': ['user'],
};
/** How many new buyers join each tenant who may be deleted and are then replaced. */
const MORTAL_BUYERS = 2;
const HOLDERS = 16;
const RIVALS = 3;

/** Signs members in and creates new ones. */
export class Cast {
  constructor(
    private readonly at: StackFile,
    private readonly gateways: Gateways,
    private readonly counts: Counts,
    private readonly deadline: () => number,
    private readonly model: Model,
  ) {}

  /** Signs in the admins and buyers of the sample tenants that may buy, and creates the members who are given seats. */
  gather(): Promise<Tenant[]> {
    return Promise.all(Object.entries(TENANTS).map(([domain, names]) => this.tenant(domain, names)));
  }

  operator(): Promise<Client> {
    return this.signIn('operator@commissary.example');
  }

  private async tenant(domain: string, names: readonly string[]): Promise<Tenant> {
    const admin = await this.enter(`global.admin@${domain}`);
    const buyers = await Promise.all(names.map((name) => this.enter(`${name}@${domain}`)));
    const join = (as: 'buyer' | 'holder'): Promise<Member> => this.join(admin, domain, as);
    const many = (as: 'buyer' | 'holder', length: number): Promise<Member[]> =>
      Promise.all(Array.from({ length }, () => join(as)));
    const deputy = await this.join(admin, domain, 'deputy');
    const mortal = await many('buyer', MORTAL_BUYERS);
    const holders = (await many('holder', HOLDERS)).map(({ id }) => id);
    const rivals = (await many('holder', RIVALS)).map(({ id }) => id);
    return {
      domain,
      admin,
      deputy,
      buyers: [...buyers, ...mortal],
      mortal: new Set(mortal.map(({ id }) => id)),
      holders,
      rivals,
      bought: [],
      central: [],
      taken: new Set(),
      lent: new Set(),
      join,
    };
  }

  private async signIn(email: string): Promise<Client> {
    const token = await tokenOf(this.at.issuer ?? '', email, this.deadline);
    return new Client(this.gateways, token, this.counts, this.deadline);
  }

  private async enter(email: string): Promise<Member> {
    const client = await this.signIn(email);
    const { body } = await client.ask<MeView>({ method: 'GET', path: '/v1/me' });
    return { id: body.id, email, client };
  }

  /** A holder never sends requests, so that it is given the admin's client instead of one of its own. */
  private async join(admin: Member, domain: string, as: 'buyer' | 'holder' | 'deputy'): Promise<Member> {
    const name = `chaos${randomBytes(5).toString('hex')}`;
    const email = `${name}@${domain}`;
    const { body, code } = await admin.client.ask<UserView>({
      method: 'POST',
      path: '/v1/users',
      body: { email, displayName: `${as} ${name}`, roles: as === 'deputy' ? ['billingAdmin'] : [] },
      key: randomUUID(),
    });
    if (code !== null) throw new Error(`no new member in ${domain}: ${code}`);
    this.model.people.set(body.id, 'active');
    const client = as === 'holder' ? admin.client : await this.signIn(email);
    return { id: body.id, email, client };
  }
}
