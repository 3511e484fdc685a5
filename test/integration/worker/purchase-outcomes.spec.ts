import { beforeEach, describe, expect, it } from '@jest/globals';
import { current } from '../../support/fixtures/operations.js';
import { effectsOf } from '../../support/fixtures/effects.js';
import { Meanwhile } from '../../support/fixtures/failures.js';
import { deleteUser, type Tenancy } from '../../support/fixtures/people.js';
import { aPurchase, POWER_BI_PRO } from '../../support/fixtures/purchases.js';
import { workerSuite } from '../../support/fixtures/suite.js';
import { runToEnd } from '../../support/fixtures/worker.js';
import { collectionsOf } from '../../support/driver.js';

const suite = workerSuite();
let { world, worker, tenancy } = suite;

beforeEach(() => {
  ({ world, worker, tenancy } = suite);
});

const setPolicy = (tenantId: string, value: 'Disabled' | 'OnlyTrialsWithoutPaymentMethod') =>
  collectionsOf(world.database).policies.insertOne({
    _id: tenantId,
    version: 0,
    defaultValue: 'Enabled',
    values: { [POWER_BI_PRO]: value },
    updatedAt: new Date(),
  });

/** What a paid purchase of five seats leaves behind. */
const paid = ({ admin, buyer }: Tenancy) => ({
  order: { status: 'paid', failure: null },
  payment: { status: 'succeeded', nextCheckAt: null },
  charges: [{ status: 'succeeded', amountMinor: 5 * 999 }],
  quoteHeld: true,
  subscriptions: 1,
  licenses: 1,
  invoices: 1,
  ledger: ['charge', 'invoice'],
  mails: [`purchaseAlert > ${admin._id}`, `receipt > ${buyer._id}`],
  audited: ['operation.accepted', 'subscription.created'],
});

const NOTHING = {
  order: null,
  payment: null,
  charges: [],
  quoteHeld: false,
  subscriptions: 0,
  licenses: 0,
  invoices: 0,
  ledger: [],
  mails: [],
  audited: ['operation.accepted'],
};

describe('a purchase by card', () => {
  it('[BUY-4, BUY-5] makes order, payment, subscription, license, invoice, ledger, mails and audit at once', async () => {
    const purchase = await aPurchase(world, tenancy);
    await worker.handle(purchase);
    const { status, result, progress, history } = await current(world, purchase);
    expect(status).toBe('succeeded');
    expect(progress).toMatchObject({ total: 1, done: 1, failed: 0 });
    expect(history.map((entry) => entry.status)).toEqual(['accepted', 'running', 'succeeded']);
    expect(await effectsOf(world, purchase)).toEqual(paid(tenancy));
    const { subscriptionId, orderId } = purchase.request;
    expect(result).toMatchObject({
      orderId,
      subscriptionId,
      charged: { amountMinor: 4995, currency: 'USD' },
    });
    const license = await collectionsOf(world.database).licenses.findOne({ subscriptionId });
    expect(license).toMatchObject({ _id: result?.licenseId, userId: tenancy.buyer._id });
    const subscription = await collectionsOf(world.database).subscriptions.findOne({ _id: subscriptionId });
    expect(subscription).toMatchObject({
      origin: 'selfService',
      status: 'active',
      purchaserId: tenancy.buyer._id,
      seats: { purchased: 5, assigned: 1, reservations: [] },
      autoRenew: true,
    });
  });

  it.each([
    ['hard', 'tok_chargeDeclined', 'card_declined'],
    ['soft', 'tok_insufficientFunds', 'insufficient_funds'],
    ['for want of authentication', 'tok_sca', 'authentication_required'],
  ])(
    '[BUY-6] declined %s: the reason, no charge, nothing made, the quote free again',
    async (_, card, code) => {
      const purchase = await aPurchase(world, tenancy, { card });
      await worker.handle(purchase);
      const { status, error, progress } = await current(world, purchase);
      expect({ status, code: error?.code }).toEqual({ status: 'rejected', code });
      expect(progress).toMatchObject({ total: 1, done: 0, failed: 1 });
      expect(await effectsOf(world, purchase)).toEqual({
        ...NOTHING,
        order: { status: 'failed', failure: code },
        payment: { status: 'declined', nextCheckAt: null },
        charges: [{ status: 'declined', amountMinor: 4995 }],
        mails: [`cardDeclined > ${tenancy.buyer._id}`],
        audited: ['operation.accepted', 'purchase.declined'],
      });
    },
  );

  it('[BUY-10] of the same product again makes a second subscription, whose seats all stay free', async () => {
    const first = await aPurchase(world, tenancy);
    await worker.handle(first);
    const second = await aPurchase(world, tenancy);
    await worker.handle(second);
    expect(await current(world, second)).toMatchObject({ status: 'succeeded', result: { licenseId: null } });
    expect(await effectsOf(world, second)).toEqual({ ...paid(tenancy), licenses: 0 });
  });

  it('[BUY-10] twice at the same moment gives the buyer one license', async () => {
    const purchases = await Promise.all([1, 2, 3, 4].map(() => aPurchase(world, tenancy)));
    await Promise.all(purchases.map((purchase) => worker.handle(purchase)));
    const ended = await Promise.all(purchases.map((purchase) => current(world, purchase)));
    expect(ended.map((operation) => operation.status)).toEqual(Array(4).fill('succeeded'));
    expect(ended.filter((operation) => operation.result?.licenseId)).toHaveLength(1);
  });

  it('[BUY-6, DATA-1] whose buyer is deleted after the charge is paid, owned by the organization, and licenses nobody', async () => {
    const purchase = await aPurchase(world, tenancy);
    const failpoints = new Meanwhile('purchase.charged', () => deleteUser(world, tenancy, tenancy.buyer._id));
    await (await suite.another({ failpoints })).handle(purchase);
    expect(await current(world, purchase)).toMatchObject({
      status: 'succeeded',
      result: { licenseId: null },
    });
    expect(await effectsOf(world, purchase)).toEqual({ ...paid(tenancy), licenses: 0 });
  });
});

describe('the rules, asked again before the first call of the provider', () => {
  it('[ELG-5, POL-4] a policy turned Disabled after acceptance rejects with the reasons and releases the quote', async () => {
    const purchase = await aPurchase(world, tenancy);
    await setPolicy(tenancy.tenantId, 'Disabled');
    await worker.handle(purchase);
    const { status, error } = await current(world, purchase);
    expect(status).toBe('rejected');
    expect(error).toMatchObject({ code: 'not_eligible', reasons: ['policy_disabled'] });
    expect(error?.detail).toContain('IT admin');
    expect(await effectsOf(world, purchase)).toEqual(NOTHING);
  });

  it('[ELG-5] a buyer who was deleted meanwhile is refused and not charged', async () => {
    const purchase = await aPurchase(world, tenancy);
    await deleteUser(world, tenancy, tenancy.buyer._id);
    await worker.handle(purchase);
    const { status, error } = await current(world, purchase);
    expect({ status, reasons: error?.reasons }).toEqual({
      status: 'rejected',
      reasons: ['account_inactive'],
    });
    expect(await effectsOf(world, purchase)).toEqual(NOTHING);
  });

  it.each(['purchase.begun', 'purchase.asking', 'purchase.charged'])(
    '[BUY-6] a policy turned Disabled at %s is not asked any more, by this run or the next: the purchase completes',
    async (point) => {
      const failpoints = new Meanwhile(point, async () => {
        await setPolicy(tenancy.tenantId, 'Disabled');
        throw new Error('the worker dies');
      });
      const purchase = await aPurchase(world, tenancy);
      await (await suite.another({ failpoints })).handle(purchase);
      expect((await current(world, purchase)).status).toBe('running');
      await runToEnd(world, worker, purchase);
      expect((await current(world, purchase)).status).toBe('succeeded');
      expect(await effectsOf(world, purchase)).toEqual(paid(tenancy));
    },
  );
});

describe('a trial without a card [BUY-8]', () => {
  const trial = (tenancy: Tenancy) => ({
    ...paid(tenancy),
    order: { status: 'free', failure: null },
    payment: null,
    charges: [],
    invoices: 0,
    ledger: [],
  });

  it('[BUY-4, BUY-8] asks no provider, gives the seats of the trial and does not renew', async () => {
    const purchase = await aPurchase(world, tenancy, { offer: 'trial' });
    await worker.handle(purchase);
    expect(await current(world, purchase)).toMatchObject({
      status: 'succeeded',
      result: { invoiceId: null, charged: { amountMinor: 0 } },
    });
    expect(await effectsOf(world, purchase)).toEqual(trial(tenancy));
    const { subscriptionId } = purchase.request;
    const subscription = await collectionsOf(world.database).subscriptions.findOne({ _id: subscriptionId });
    expect(subscription).toMatchObject({
      isTrial: true,
      term: null,
      seats: { purchased: 25, assigned: 1 },
      autoRenew: false,
      renewsAt: null,
    });
  });

  it('[ELG-4] goes on where only trials without a card are allowed', async () => {
    await setPolicy(tenancy.tenantId, 'OnlyTrialsWithoutPaymentMethod');
    const purchase = await aPurchase(world, tenancy, { offer: 'trial' });
    await worker.handle(purchase);
    expect((await current(world, purchase)).status).toBe('succeeded');
  });

  it('[BUY-8] is given once per user and product, one after the other or at once', async () => {
    const trials = await Promise.all([1, 2, 3].map(() => aPurchase(world, tenancy, { offer: 'trial' })));
    await Promise.all(trials.map((each) => worker.handle(each)));
    for (const each of trials) await runToEnd(world, worker, each);
    const ended = await Promise.all(trials.map((each) => current(world, each)));
    expect(ended.map((operation) => operation.status).sort()).toEqual(['rejected', 'rejected', 'succeeded']);
    const refused = ended.filter((operation) => operation.status === 'rejected');
    expect(refused.map((operation) => operation.error?.reasons)).toEqual([['trial_used'], ['trial_used']]);
  });
});
