import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export interface IssuerKeys {
  /** Private RS256 key that signs tokens. */
  signing: JWK;
  cookieSecret: string;
}

/** The keys in `file`; made at the first start. */
export const loadKeys = async (file: string): Promise<IssuerKeys> => {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as IssuerKeys;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const signing = { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig', alg: 'RS256' };
  const keys = { signing, cookieSecret: randomBytes(32).toString('hex') };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
};
