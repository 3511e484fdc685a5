import { randomBytes } from 'node:crypto';
import type { MeView, UserView } from '@commissary/contracts';
import { fetch } from '@commissary/stack/http';
import { must, Person } from './person.js';
import { stack } from './stack.js';

const SAMPLE_USER_GRANT = 'urn:commissary:grant-type:sample-user';

interface TokenAnswer {
  access_token?: string;
  error?: string;
}

/** An access token of the embedded issuer, got as `npm run token` gets it. */
export const tokenOf = async (email: string): Promise<string> => {
  const { issuer } = stack();
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: SAMPLE_USER_GRANT,
      client_id: 'commissary-cli',
      username: email,
    }),
  });
  const answer = (await response.json()) as TokenAnswer;
  if (answer.access_token === undefined) throw new Error(`no token for ${email}: ${JSON.stringify(answer)}`);
  return answer.access_token;
};

/** Identity of a token without asking anybody. */
const subjectOf = (token: string): string => {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    sub: string;
  };
  return claims.sub;
};

const known = new Map<string, Promise<Person>>();

const enter = async (email: string): Promise<Person> => {
  const token = await tokenOf(email);
  return new Person(email, subjectOf(token), token);
};

/** Someone of the sample directory, by e-mail. */
export const person = (email: string): Promise<Person> => {
  const there = known.get(email);
  if (there) return there;
  const coming = enter(email);
  known.set(email, coming);
  return coming;
};

export const anonymous = new Person('', '', null);

/** Whoever presents this token. */
export const bearer = (token: string): Person => new Person('', '', token);

export const adminOf = (domain: string): Promise<Person> => person(`global.admin@${domain}`);

export interface NewcomerOptions {
  domain?: string;
  displayName?: string;
  type?: 'member' | 'guest';
  source?: 'cloud' | 'synced';
  roles?: string[];
}

/** A new account in the tenant's directory, made by its global admin, signed in. */
export const newcomer = async (options: NewcomerOptions = {}): Promise<Person> => {
  const user = await newUser(options);
  return enter(user.email);
};

/** The account alone, for those who are only given licenses. */
export const newUser = async ({
  domain = 'contoso.example',
  ...options
}: NewcomerOptions = {}): Promise<UserView> => {
  const admin = await adminOf(domain);
  const name = `n${randomBytes(5).toString('hex')}`;
  return must(
    201,
    admin.post<UserView>('/v1/users', {
      email: `${name}@${domain}`,
      displayName: `Newcomer ${name}`,
      ...options,
    }),
  );
};

export const tenantIdOf = async (someone: Person): Promise<string> =>
  (await must(200, someone.get<MeView>('/v1/me'))).tenant.id;
