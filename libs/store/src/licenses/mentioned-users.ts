import type { Database, Session } from '../database.js';
import type { UserDocument } from '../collections/index.js';

export type MentionedUser = Pick<UserDocument, '_id' | 'email' | 'type' | 'state'>;

export interface Mentioned {
  /** The id or e-mail as the caller wrote it. */
  asked: string;
  /** Null if the tenant has no such user. */
  user: MentionedUser | null;
}

const FIELDS = { email: 1, type: 1, state: 1 } as const;

/**
 * The tenant's users whom a caller names by id or e-mail, in that order and each once, in two commands whatever their
 * number. An e-mail never means a deleted account, for it may be another's by now.
 */
export const mentionedUsers = async (
  database: Database,
  session: Session | undefined,
  tenantId: string,
  asked: readonly string[],
): Promise<Mentioned[]> => {
  const emails = asked.filter((name) => name.includes('@')).map((name) => name.toLowerCase());
  const ids = asked.filter((name) => !name.includes('@'));
  // One more than can be found, so that the first batch is the last.
  const options = { session, batchSize: asked.length + 1 };
  const { users } = database.models;
  // Not in parallel: a transaction runs one command at a time.
  const byId =
    ids.length > 0 ? await users.find({ _id: { $in: ids }, tenantId }, FIELDS, options).lean() : [];
  const byEmail =
    emails.length > 0
      ? await users
          .find({ tenantId, email: { $in: emails }, state: { $in: ['active', 'disabled'] } }, FIELDS, options)
          .lean()
      : [];
  const found = new Map<string, MentionedUser>([
    ...byId.map((user) => [user._id, user] as const),
    ...byEmail.map((user) => [user.email, user] as const),
  ]);
  const seen = new Set<string>();
  return asked.flatMap((name) => {
    const user = found.get(name.includes('@') ? name.toLowerCase() : name) ?? null;
    const key = user?._id ?? name.toLowerCase();
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ asked: name, user }];
  });
};

/**
 * The one account a caller names by id or e-mail; of an e-mail that several had the one that is not deleted, or else the last
 * one, for what it bought is still to be found. [SUB-2]
 */
export const mentionedUser = async (
  database: Database,
  tenantId: string,
  asked: string,
): Promise<MentionedUser | null> => {
  const [named] = await mentionedUsers(database, undefined, tenantId, [asked]);
  if (named?.user || !asked.includes('@')) return named?.user ?? null;
  return database.models.users
    .findOne({ tenantId, email: asked.toLowerCase() }, FIELDS, { sort: { _id: -1 } })
    .lean();
};
