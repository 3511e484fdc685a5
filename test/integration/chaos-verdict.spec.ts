import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JournalCharge, PaymentJournal } from '@commissary/payments';
import { newId } from '@commissary/platform';
import {
  Database,
  type NewOperation,
  type OperationDocument,
  OperationsRepository,
  type OrderDocument,
} from '@commissary/store';
import { chargeFaults } from '../chaos/lib/charges-verdict.js';
import { Model } from '../chaos/lib/model.js';
import { seatFaults } from '../chaos/lib/seats-verdict.js';
import { subscriptionFaults } from '../chaos/lib/subscriptions-verdict.js';
import { ageSubscription } from '../support/aged-subscription.js';
import { testServices } from '../support/database.js';
import { aLicense, aSubscription } from '../support/documents.js';
import { collectionsOf } from '../support/driver.js';

const TENANT = 'ten_1';
const HOLDER = 'usr_holder';
const BOUGHT = 'sub_bought';
const TARGET = 'sub_target';
const CENTRAL = 'sub_central';

const services = testServices();
let database: Database;
let model: Model;

beforeAll(async () => {
  database = await Database.connect({ uri: services.mongodbUri, appName: 'chaos-verdict' });
});

beforeEach(async () => {
  const { subscriptions, licenses, operations, operationResults, orders } = collectionsOf(database);
  for (const collection of [subscriptions, licenses, operations, operationResults, orders]) {
    await collection.deleteMany({});
  }
  model = new Model();
  const seats = { purchased: 3, assigned: 1, reservations: [] };
  await subscriptions.insertMany([
    aSubscription(TENANT, { _id: BOUGHT, seats, productId: 'a' }),
    aSubscription(TENANT, { _id: TARGET, seats, productId: 'b', origin: 'central' }),
    aSubscription(TENANT, { _id: CENTRAL, seats, productId: 'a', origin: 'central' }),
  ]);
});

afterAll(async () => {
  await database.close();
  await services.remove();
});

const requestedBy = { userId: 'usr_buyer', displayName: 'Buyer', tenantId: TENANT };

const succeeded = <T extends OperationDocument['type']>(
  type: T,
  given: Pick<NewOperation<T>, 'subscriptionId' | 'request'>,
): OperationDocument => {
  const origin = { ip: '', requestId: 'req_1' };
  const asked: NewOperation<T> = {
    id: newId('op'),
    tenantId: TENANT,
    type,
    requestedBy,
    origin,
    total: 1,
    ...given,
  };
  return { ...OperationsRepository.newDocument(asked, new Date()), status: 'succeeded' } as OperationDocument;
};

/** The move was asked for at 20 and its end was answered at 30. */
const moved = async (outcome: 'moved' | 'failed'): Promise<void> => {
  const operation = succeeded('move', {
    subscriptionId: BOUGHT,
    request: { targetSubscriptionId: TARGET },
  });
  const { _id } = operation;
  await collectionsOf(database).operations.insertOne(operation);
  await collectionsOf(database).operationResults.insertOne({
    _id: `${_id}:0`,
    tenantId: TENANT,
    operationId: _id,
    seq: 0,
    groups: [{ outcome, reason: null, userIds: [HOLDER] }],
    at: new Date(),
  });
  model.accepted({
    id: _id,
    tenant: TENANT,
    what: 'move',
    askedAt: 20,
    mayEnd: ['succeeded'],
    mayBeRejectedWith: [],
  });
  model.ends.set(_id, { status: 'succeeded', result: null, at: 30 });
};

const assigned = (subscriptionId: string, askedAt: number): void =>
  model.seats.add({
    userId: HOLDER,
    work: { kind: 'assign', subscriptionId },
    answer: 'assigned',
    operationId: null,
    askedAt,
    answeredAt: askedAt + 5,
  });

const holds = async (subscriptionId: string, productId: string): Promise<void> => {
  await collectionsOf(database).licenses.insertOne(
    aLicense({ _id: subscriptionId, tenantId: TENANT, productId }, HOLDER),
  );
};

describe('the verdict of a chaos run about seats', () => {
  it('[MOV-4] follows a seat through the results of a move to another product', async () => {
    assigned(BOUGHT, 10);
    await moved('moved');
    assigned(CENTRAL, 40);
    await holds(TARGET, 'b');
    await holds(CENTRAL, 'a');
    expect(await seatFaults(model, database)).toEqual([]);
  });

  it('[MOV-4] reports a seat that is not where the answers lead to, with the history of its person', async () => {
    assigned(BOUGHT, 10);
    await moved('moved');
    await holds(BOUGHT, 'a');
    const [fault = ''] = await seatFaults(model, database);
    const lines = fault.split('\n').map((line) => line.trim());
    expect(lines[0]).toBe(`${HOLDER} does not hold the seats that the answers lead to`);
    expect(lines).toContain(
      `00:00:00.010 to 00:00:00.015 | assign of ${BOUGHT}: assigned | step 1, after which the person holds a=${BOUGHT}`,
    );
    expect(lines).toContain(`concluded: every order that fits all answers leads to: b=${TARGET}`);
    expect(lines.find((line) => line.includes(`a seat of ${BOUGHT} (active, no operation)`))).toBeDefined();
  });

  it('[OPS-5] reports a person whom a violation of the audit names, though the answers explain the seats', async () => {
    assigned(BOUGHT, 10);
    await holds(BOUGHT, 'a');
    expect(await seatFaults(model, database, ['usr_other has two licenses'])).toEqual([]);
    expect(await seatFaults(model, database, [`${HOLDER} has two licenses`])).toHaveLength(1);
  });

  it('[CAN-2] reports a seat of a deleted subscription', async () => {
    assigned(BOUGHT, 10);
    await holds(BOUGHT, 'a');
    await collectionsOf(database).subscriptions.updateOne({ _id: BOUGHT }, { $set: { status: 'deleted' } });
    expect(await seatFaults(model, database)).toEqual([
      `${HOLDER} holds a seat of ${BOUGHT}, which is deleted`,
    ]);
  });
});

describe('the verdict of a chaos run about what was bought', () => {
  const orderOf = (_id: string, quantity: number) =>
    ({ _id, subscriptionId: BOUGHT, quantity }) as OrderDocument;
  const journalOf = (...charges: Partial<JournalCharge>[]): PaymentJournal => ({
    async *charges() {
      for (const charge of charges) {
        yield {
          id: 'ch_1',
          idempotencyKey: 'k',
          orderId: 'o',
          amountMinor: 0,
          currency: 'USD',
          refundedMinor: 0,
          status: 'succeeded',
          ...charge,
        };
      }
    },
    chargesOfOrder: async () => [],
  });

  /** Three seats for 300, then a renewal to two seats, as was planned. */
  beforeEach(async () => {
    const purchase = succeeded('purchase', {
      subscriptionId: BOUGHT,
      request: {
        quoteId: 'quo_1',
        paymentMethodId: null,
        orderId: 'ord_1',
        paymentId: 'pay_1',
        subscriptionId: BOUGHT,
      },
    });
    const plan = succeeded('seatChange', {
      subscriptionId: BOUGHT,
      request: {
        seats: 2,
        seatsBefore: 3,
        effective: 'renewal',
        quoteId: null,
        paymentMethodId: null,
        orderId: 'ord_2',
        paymentId: 'pay_2',
      },
    });
    const renewal = succeeded('renewal', {
      subscriptionId: BOUGHT,
      request: {
        cause: 'due',
        orderId: 'ord_3',
        invoiceId: 'inv_3',
        paymentId: 'pay_3',
        paymentMethodId: 'pm_1',
      },
    });
    await collectionsOf(database).operations.insertMany([purchase, plan, renewal]);
    await collectionsOf(database).orders.insertMany([orderOf('ord_1', 3), orderOf('ord_3', 2)]);
    await collectionsOf(database).subscriptions.updateOne(
      { _id: BOUGHT },
      { $set: { 'seats.purchased': 2 } },
    );
    model.accepted({
      id: purchase._id,
      tenant: TENANT,
      what: 'purchase',
      askedAt: 1,
      mayEnd: ['succeeded'],
      mayBeRejectedWith: [],
      purchase: { quantity: 3, purchaserId: 'usr_buyer', productId: 'a', amountMinor: 300 },
    });
    model.termEnded(BOUGHT, true);
  });

  const paid = [
    { orderId: 'ord_1', amountMinor: 300 },
    { orderId: 'ord_3', amountMinor: 200 },
  ];

  it('[OWN-2, BUY-9] explains the seats and charges of a planned change and its renewal', async () => {
    expect(await subscriptionFaults(model, database)).toEqual([]);
    expect(await chargeFaults(model, database, journalOf(...paid), new Set())).toEqual([]);
  });

  it('[OWN-2] reports other seats, with what changed them', async () => {
    await collectionsOf(database).subscriptions.updateOne(
      { _id: BOUGHT },
      { $set: { 'seats.purchased': 4 } },
    );
    const [fault = ''] = await subscriptionFaults(model, database);
    expect(fault).toContain(`${BOUGHT} has 4 seats, not 2 to 3`);
    expect(fault).toContain('renewal of 2 seats, order ord_3');
  });

  it('[BUY-9] reports a term that ended and was not renewed, and one that was renewed twice', async () => {
    model.termEnded(BOUGHT, true);
    expect((await subscriptionFaults(model, database))[0]).toContain('was renewed 1 times, not 2');
    model.termsEnded.clear();
    expect((await subscriptionFaults(model, database))[0]).toContain('was renewed 1 times, not 0');
  });

  it('[BUY-9] reports a renewal that was charged twice, not at all, or at another price', async () => {
    const faults = (...charges: Partial<JournalCharge>[]) =>
      chargeFaults(model, database, journalOf(...charges), new Set());
    const purchase = { orderId: 'ord_1', amountMinor: 300 };
    expect(await faults(...paid, { orderId: 'ord_3', amountMinor: 200 })).toHaveLength(1);
    expect(await faults(purchase)).toHaveLength(1);
    expect(await faults(purchase, { orderId: 'ord_3', amountMinor: 300 })).toHaveLength(1);
    expect(await faults(...paid, { orderId: 'ord_2', amountMinor: 1 })).toHaveLength(1);
    expect(await faults(...paid, { orderId: 'ord_9', amountMinor: 1 })).toHaveLength(1);
  });

  it('[BUY-9] a subscription is aged only where the condition holds', async () => {
    const read = () => collectionsOf(database).subscriptions.findOne({ _id: BOUGHT });
    const before = await read();
    expect(
      await ageSubscription(
        database,
        BOUGHT,
        () => 1_000,
        () => false,
      ),
    ).toBe(false);
    expect(await read()).toEqual(before);
    expect(await ageSubscription(database, BOUGHT, () => 1_000)).toBe(true);
    expect(before!.expiresAt.getTime() - (await read())!.expiresAt.getTime()).toBe(1_000);
  });
});
