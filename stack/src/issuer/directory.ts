/** The sample directory as the issuer sees it: the same collection that the product reads. */
import { acrossTenants, Database, type UserDocument } from '@commissary/store';

export type DirectoryUser = Pick<UserDocument, '_id' | 'tenantId' | 'email' | 'displayName'>;

const FIELDS = { tenantId: 1, email: 1, displayName: 1 } as const;

const SIGN_IN = acrossTenants('sign-in: an address is of one account in all tenants');

export class Directory {
  private constructor(private readonly database: Database) {}

  static async connect(uri: string): Promise<Directory> {
    return new Directory(await Database.connect({ uri, appName: 'issuer' }));
  }

  private get users() {
    return this.database.models.users;
  }

  byId(id: string): Promise<DirectoryUser | null> {
    return this.users.findOne({ _id: id }, FIELDS, SIGN_IN).lean();
  }

  /** Disabled accounts too (the product refuses them itself); deleted ones only if nobody has the address now. */
  async byEmail(email: string): Promise<DirectoryUser | null> {
    const wanted = { email: email.trim().toLowerCase() };
    const living = await this.users
      .findOne({ ...wanted, state: { $in: ['active', 'disabled'] } }, FIELDS, SIGN_IN)
      .lean();
    return living ?? this.users.findOne(wanted, FIELDS, SIGN_IN).lean();
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
