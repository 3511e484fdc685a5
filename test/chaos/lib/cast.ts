import { randomBytes, randomUUID } from 'node:crypto';
import type { MeView, UserView } from '@commissary/contracts';
import type { StackFile } from '@commissary/stack';
import { Client, type Counts, tokenOf } from './client.js';
import type { Member, Tenant } from './world.js';

const TENANTS: Record<string, readonly string[]> = {
  'contoso.example': ['alex', 'blake', 'casey', 'sam'],
  'litware.example': ['user'],
  'relecloud-org.example': ['user'],
};
const HOLDERS = 12;

/** The sample tenants that may buy, their admins and buyers signed in, and new members who are given seats. */
export const gather = async (at: StackFile, counts: Counts, deadline: () => number): Promise<Tenant[]> => {
  const enter = async (email: string): Promise<Member> => {
    const client = new Client(at.gatewayUrl ?? '', await tokenOf(at.issuer ?? '', email), counts, deadline);
    const { body } = await client.ask<MeView>({ method: 'GET', path: '/v1/me' });
    return { id: body.id, email, client };
  };
  return Promise.all(
    Object.entries(TENANTS).map(async ([domain, names]) => {
      const admin = await enter(`global.admin@${domain}`);
      const buyers = await Promise.all(names.map((name) => enter(`${name}@${domain}`)));
      const holders = await Promise.all(Array.from({ length: HOLDERS }, () => newHolder(admin, domain)));
      return { domain, admin, buyers, holders, bought: [], taken: new Set<string>() };
    }),
  );
};

const newHolder = async (admin: Member, domain: string): Promise<string> => {
  const name = `chaos${randomBytes(5).toString('hex')}`;
  const { body, code } = await admin.client.ask<UserView>({
    method: 'POST',
    path: '/v1/users',
    body: { email: `${name}@${domain}`, displayName: `Holder ${name}` },
    key: randomUUID(),
  });
  if (code !== null) throw new Error(`no new member in ${domain}: ${code}`);
  return body.id;
};

export const operatorOf = async (at: StackFile, counts: Counts, deadline: () => number): Promise<Client> =>
  new Client(
    at.gatewayUrl ?? '',
    await tokenOf(at.issuer ?? '', 'operator@commissary.example'),
    counts,
    deadline,
  );
