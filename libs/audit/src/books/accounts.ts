import type { PipelineStage } from '@commissary/store';
import type { LedgerAccount } from '@commissary/domain';
import type { Snapshot } from '../reading/snapshot.js';

interface Balance {
  _id: { tenantId: string; currency: string };
  sum: number;
}

/** By tenant and currency; a few numbers each, however many rows made them. */
type Balances = ReadonlyMap<string, number>;

export interface AccountFault {
  tenantId: string;
  detail: string;
}

/**
 * What each tenant's accounts say against what they stand for: cash is what was charged less what was given back, receivable is what
 * is still to be paid. Each in minor units of each currency.
 */
export async function* accountFaults(snapshot: Snapshot): AsyncIterable<AccountFault> {
  const cash = await balances(snapshot, 'ledger', accountOf('cash'));
  yield* differences('cash', cash, 'charges less refunds', await balances(snapshot, 'payments', NET_CHARGES));
  const receivable = await balances(snapshot, 'ledger', accountOf('receivable'));
  yield* differences(
    'receivable',
    receivable,
    'open bills',
    await balances(snapshot, 'invoices', OPEN_BILLS),
  );
}

function* differences(
  account: LedgerAccount,
  booked: Balances,
  what: string,
  owned: Balances,
): Iterable<AccountFault> {
  for (const key of new Set([...booked.keys(), ...owned.keys()])) {
    const [has, should] = [booked.get(key) ?? 0, owned.get(key) ?? 0];
    if (has === should) continue;
    const [tenantId = '', currency = ''] = key.split(' ');
    yield { tenantId, detail: `its ${account} is ${has} ${currency}, and ${what} are ${should}` };
  }
}

const balances = async (
  snapshot: Snapshot,
  from: 'ledger' | 'payments' | 'invoices',
  pipeline: PipelineStage[],
): Promise<Balances> => {
  const sums = new Map<string, number>();
  for await (const { _id, sum } of snapshot.aggregate<Balance>(from, pipeline)) {
    sums.set(`${_id.tenantId} ${_id.currency}`, sum);
  }
  return sums;
};

const by = (currency: string, sum: object | string): PipelineStage => ({
  $group: { _id: { tenantId: '$tenantId', currency }, sum: { $sum: sum } },
});

const accountOf = (account: LedgerAccount): PipelineStage[] => [
  { $unwind: '$entries' },
  { $match: { 'entries.account': account } },
  by('$entries.amount.currency', {
    $cond: [
      { $eq: ['$entries.side', 'debit'] },
      '$entries.amount.amountMinor',
      { $multiply: ['$entries.amount.amountMinor', -1] },
    ],
  }),
];

const NET_CHARGES: PipelineStage[] = [
  { $match: { status: 'succeeded' } },
  by('$amount.currency', {
    $subtract: [
      '$amount.amountMinor',
      {
        $sum: {
          $map: {
            input: '$refunds',
            in: { $cond: [{ $eq: ['$$this.status', 'succeeded'] }, '$$this.amount.amountMinor', 0] },
          },
        },
      },
    ],
  }),
];

const OPEN_BILLS: PipelineStage[] = [
  { $match: { status: 'open' } },
  by('$total.currency', '$total.amountMinor'),
];
