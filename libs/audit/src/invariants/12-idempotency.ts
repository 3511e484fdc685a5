import type { CollectionName, IdempotencyDocument } from '@commissary/store';
import type { Invariant, InvariantContext, Violation } from '../invariant.js';
import { inBatches } from '../reading/streams.js';

type Remembered = Pick<IdempotencyDocument, 'tenantId' | 'fingerprint' | 'subjectId' | 'status' | 'body'> & {
  _id: string;
};

/** What a keyed request starts or makes, by the prefix of its id. */
const MADE = {
  op: 'operations',
  sub: 'subscriptions',
  usr: 'users',
  quo: 'quotes',
  pm: 'paymentMethods',
  pol: 'policyChanges',
} as const satisfies Record<string, CollectionName>;
type Prefix = keyof typeof MADE;

/** SHA-256 in base64url. */
const FINGERPRINT = /^[\w-]{43}$/;

export const keysNameOneOperation: Invariant = {
  number: 12,
  title: 'every idempotency record names one operation, with its fingerprint',
  async *check(context) {
    const records = context.snapshot.find('idempotency', {
      fields: ['tenantId', 'fingerprint', 'subjectId', 'status', 'body'],
      sort: { subjectId: 1 },
    });
    let before: string | null = null;
    for await (const batch of inBatches(records)) {
      const tenants = await tenantsOf(context, batch);
      for (const record of batch) {
        for (const fault of faultsOf(record, tenants)) yield violation(record._id, fault);
        // A batch of licenses names its subscription and answers per user; any number of them may.
        if (answeredId(record) !== record.subjectId) continue;
        // Other things can be named often: each batch of licenses names its subscription.
        const again = record.subjectId === before && prefixOf(before) === 'op';
        if (again) yield violation(record._id, `names ${record.subjectId}, as another does`);
        before = record.subjectId;
      }
    }
  },
};

const violation = (subject: string, detail: string): Violation => ({ invariant: 12, subject, detail });

const prefixOf = (id: string): string => id.slice(0, id.indexOf('_'));

/** The tenant of each thing that a batch of records names. */
const tenantsOf = async (
  { snapshot }: InvariantContext,
  batch: readonly Remembered[],
): Promise<ReadonlyMap<string, string>> => {
  const tenants = new Map<string, string>();
  for (const prefix of Object.keys(MADE) as Prefix[]) {
    const ids = batch.map(({ subjectId }) => subjectId).filter((id) => prefixOf(id) === prefix);
    for (const [id, { tenantId }] of await snapshot.byIds(MADE[prefix], ids, ['tenantId']))
      tenants.set(id, tenantId);
  }
  return tenants;
};

/** The id of what the remembered answer shows, if it shows one thing. */
const answeredId = ({ body }: Remembered): unknown => (body as { id?: unknown } | null)?.id;

const faultsOf = (record: Remembered, tenants: ReadonlyMap<string, string>): string[] => {
  const { subjectId, fingerprint, status } = record;
  const faults: string[] = [];
  const tenantId = tenants.get(subjectId);
  if (tenantId === undefined) faults.push(`names ${subjectId}, which does not exist`);
  else if (tenantId !== record.tenantId) faults.push(`names ${subjectId} of another tenant`);
  if (!FINGERPRINT.test(fingerprint)) faults.push('has no fingerprint');
  // A refusal is not remembered.
  if (status < 200 || status > 299) faults.push(`answers ${status}`);
  const answered = answeredId(record);
  if (status === 202 && answered !== subjectId)
    faults.push(`names ${subjectId} and answers ${String(answered)}`);
  return faults;
};
