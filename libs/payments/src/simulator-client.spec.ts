import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createPaymentProvider, ProviderRefusedError, SimulatorClient, SimulatorJournal } from './index.js';

interface Seen {
  method: string;
  url: string;
  key: string | undefined;
  body: unknown;
}

type Handler = (request: Seen, response: ServerResponse) => void;

const servers: Server[] = [];

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
};

/** A provider of a few lines: what it was asked, and its address. */
const serve = async (handler: Handler): Promise<{ seen: Seen[]; baseUrl: string }> => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const key = request.headers['idempotency-key'];
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        key: key as string | undefined,
        body,
      };
      seen.push(one);
      handler(one, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { seen, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const json =
  (status: number, body: unknown): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const refusal = (status: number, code: string): Handler => json(status, { error: { code, message: 'no' } });

const request = {
  idempotencyKey: 'pay_1',
  providerMethodId: 'pm_1',
  orderId: 'ord_1',
  amount: { amountMinor: 999, currency: 'USD' },
};

const succeeded = {
  id: 'ch_1',
  idempotencyKey: 'pay_1',
  paymentMethodId: 'pm_1',
  orderId: 'ord_1',
  amountMinor: 999,
  currency: 'USD',
  status: 'succeeded',
  declineCode: null,
  declineReason: null,
  refundedMinor: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const declined = (declineCode: string, declineReason: string) => ({
  ...succeeded,
  status: 'declined',
  declineCode,
  declineReason,
});

const clientOf = async (handler: Handler, timeoutMs?: number) => {
  const { seen, baseUrl } = await serve(handler);
  return { seen, client: new SimulatorClient({ baseUrl, timeoutMs }) };
};

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    }),
  );
});

describe('charge [BUY-6, EXT-6]', () => {
  it('[BUY-6] sends the key, the order and the amount, and says what was charged', async () => {
    const { seen, client } = await clientOf(json(200, succeeded));
    expect(await client.charge(request)).toEqual({ kind: 'succeeded', chargeId: 'ch_1' });
    const body = { paymentMethodId: 'pm_1', orderId: 'ord_1', amountMinor: 999, currency: 'USD' };
    expect(seen).toEqual([{ method: 'POST', url: '/charges', key: 'pay_1', body }]);
  });

  it.each([
    ['hard', 'card_declined', false],
    ['soft', 'insufficient_funds', true],
    ['soft', 'authentication_required', true],
  ])('[BUY-6] a %s decline for %s', async (declineCode, reason, soft) => {
    const { client } = await clientOf(json(200, declined(declineCode, reason)));
    expect(await client.charge(request)).toEqual({ kind: 'declined', code: reason, soft });
  });

  it('[BUY-6] an answer that does not come in time is unknown', async () => {
    const { client } = await clientOf(() => undefined, 50);
    expect(await client.charge(request)).toEqual({ kind: 'unknown', why: 'timeout' });
  });

  it('[BUY-6] an answer that stops half way is unknown', async () => {
    const { client } = await clientOf((_request, response) => {
      response.writeHead(200, { 'content-length': '500' }).write('{"id":');
    }, 50);
    expect(await client.charge(request)).toEqual({ kind: 'unknown', why: 'timeout' });
  });

  it('[BUY-6] a cut connection and a closed port are unknown', async () => {
    const { client } = await clientOf((_request, response) => response.socket?.destroy());
    expect(await client.charge(request)).toEqual({ kind: 'unknown', why: 'connection' });
    const { baseUrl } = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const away = new SimulatorClient({ baseUrl });
    expect(await away.charge(request)).toEqual({ kind: 'unknown', why: 'connection' });
  });

  it.each([500, 502, 503, 429, 408])('[BUY-6] a %d is unknown', async (status) => {
    const { client } = await clientOf(refusal(status, 'unavailable'));
    expect(await client.charge(request)).toEqual({ kind: 'unknown', why: 'server_error' });
  });

  it.each([
    ['no JSON', (_: Seen, response: ServerResponse) => response.writeHead(200).end('<html>')],
    ['another shape', json(200, { ok: true })],
    ['a status nobody knows', json(200, { ...succeeded, status: 'pending' })],
    ['another order', json(200, { ...succeeded, orderId: 'ord_2' })],
    ['another amount', json(200, { ...succeeded, amountMinor: 1 })],
    ['another currency', json(200, { ...succeeded, currency: 'EUR' })],
    ['another key', json(200, { ...succeeded, idempotencyKey: 'pay_2' })],
    ['a redirect-like status', json(204 + 100, {})],
  ])('[BUY-6] an answer of %s is unknown', async (_what, handler) => {
    const { client } = await clientOf(handler);
    expect(await client.charge(request)).toMatchObject({ kind: 'unknown', why: 'unreadable' });
  });

  it.each([
    [422, 'idempotency_key_reused'],
    [404, 'payment_method_unknown'],
    [400, 'invalid_request'],
  ])('[BUY-6] a %d %s is a fault of ours and thrown', async (status, code) => {
    const { client } = await clientOf(refusal(status, code));
    await expect(client.charge(request)).rejects.toEqual(new ProviderRefusedError(status, code));
    await expect(client.charge(request)).rejects.toMatchObject({ status, code });
  });
});

describe('findByKey [BUY-6]', () => {
  it('[BUY-6] says succeeded, declined, none or unknown', async () => {
    const found = async (items: unknown[]) => {
      const { client } = await clientOf(json(200, { items, nextCursor: null }));
      return client.findByKey('pay_1');
    };
    expect(await found([succeeded])).toEqual({ kind: 'succeeded', chargeId: 'ch_1' });
    expect(await found([declined('hard', 'card_declined')])).toEqual({
      kind: 'declined',
      code: 'card_declined',
      soft: false,
    });
    expect(await found([])).toEqual({ kind: 'none' });
    expect(await found([{ ...succeeded, idempotencyKey: 'pay_2' }])).toEqual({
      kind: 'unknown',
      why: 'unreadable',
    });
  });

  it('[BUY-6] asks by the key, whatever is in it, and is unknown on a 5xx', async () => {
    const { seen, client } = await clientOf(refusal(503, 'unavailable'));
    expect(await client.findByKey('a&b=c')).toEqual({ kind: 'unknown', why: 'server_error' });
    expect(seen[0]?.url).toBe('/charges?idempotencyKey=a%26b%3Dc');
  });
});

describe('refund [OWN-5]', () => {
  const refund = {
    idempotencyKey: 'ref_1',
    chargeId: 'ch_1',
    amount: { amountMinor: 500, currency: 'USD' },
  };
  const answer = { id: 're_1', chargeId: 'ch_1', amountMinor: 500, currency: 'USD' };

  it('[OWN-5] gives back under its key', async () => {
    const { seen, client } = await clientOf(json(200, answer));
    expect(await client.refund(refund)).toEqual({ kind: 'succeeded', refundId: 're_1' });
    const body = { chargeId: 'ch_1', amountMinor: 500 };
    expect(seen).toEqual([{ method: 'POST', url: '/refunds', key: 'ref_1', body }]);
  });

  it('[OWN-5] another answer, a 5xx or silence is unknown; too much is thrown', async () => {
    const outcome = async (handler: Handler) => (await clientOf(handler, 50)).client.refund(refund);
    expect(await outcome(json(200, { ...answer, amountMinor: 5 }))).toMatchObject({ why: 'unreadable' });
    expect(await outcome(refusal(500, 'internal'))).toMatchObject({ why: 'server_error' });
    expect(await outcome(() => undefined)).toMatchObject({ why: 'timeout' });
    await expect(outcome(refusal(409, 'refund_exceeds_charge'))).rejects.toThrow(ProviderRefusedError);
  });
});

describe('registerMethod [BUY-3, OWN-4]', () => {
  const method = { id: 'pm_1', brand: 'visa', last4: '4242', expiresAt: '2030-12-31T23:59:59.000Z' };

  it('[OWN-4] keeps what identifies the card', async () => {
    const { seen, client } = await clientOf(json(200, method));
    expect(await client.registerMethod('tok_visa')).toEqual({
      kind: 'registered',
      providerMethodId: 'pm_1',
      brand: 'visa',
      last4: '4242',
      expiresAt: new Date(method.expiresAt),
    });
    expect(seen[0]).toMatchObject({ url: '/payment-methods', body: { token: 'tok_visa' } });
  });

  it.each([
    [402, 'card_expired'],
    [400, 'token_unknown'],
  ])('[OWN-4] a %d %s is a refusal', async (status, reason) => {
    const { client } = await clientOf(refusal(status, reason));
    expect(await client.registerMethod('tok_expired')).toEqual({ kind: 'refused', reason });
  });

  it('[OWN-4] a provider that is away or unreadable is `unavailable`; no error holds the token', async () => {
    for (const handler of [refusal(503, 'unavailable'), json(200, {}), refusal(429, 'slow_down')]) {
      const { client } = await clientOf(handler);
      await expect(client.registerMethod('tok_secret')).rejects.toMatchObject({ code: 'unavailable' });
    }
    const { client } = await clientOf(refusal(400, 'tok_other'));
    const error: unknown = await client.registerMethod('tok_secret').catch((thrown: unknown) => thrown);
    expect(String(error) + JSON.stringify(error)).not.toContain('tok_secret');
  });
});

describe('the journal [OPS-5]', () => {
  it('[OPS-5] is read page by page, oldest first', async () => {
    const { seen, baseUrl } = await serve(({ url }, response) => {
      const second = url.includes('after=ch_1');
      const page = second
        ? { items: [{ ...succeeded, id: 'ch_2' }], nextCursor: null }
        : { items: [succeeded], nextCursor: 'ch_1' };
      json(200, page)({ method: '', url, key: undefined, body: undefined }, response);
    });
    const ids: string[] = [];
    for await (const charge of new SimulatorJournal(baseUrl).charges()) ids.push(charge.id);
    expect(ids).toEqual(['ch_1', 'ch_2']);
    expect(seen.map((s) => s.url)).toEqual(['/charges?limit=1000', '/charges?limit=1000&after=ch_1']);
  });

  it('[OPS-5] throws when it cannot be read', async () => {
    const { baseUrl } = await serve(refusal(500, 'internal'));
    await expect(new SimulatorJournal(baseUrl).chargesOfOrder('ord_1')).rejects.toThrow('cannot be read');
  });
});

describe('createPaymentProvider [EXT-6]', () => {
  it('[EXT-6] takes what PAYMENTS names', () => {
    const url = 'http://127.0.0.1:1';
    expect(createPaymentProvider({ PAYMENTS: 'simulator', PAYMENTS_URL: url }).name).toBe('simulator');
    expect(() => createPaymentProvider({ PAYMENTS: 'simulator' })).toThrow(/PAYMENTS_URL: is not set/);
    const stripe = { PAYMENTS: 'stripe', STRIPE_SECRET_KEY: 'sk_test_1' } as const;
    expect(createPaymentProvider(stripe).name).toBe('stripe');
    expect(() => createPaymentProvider({ PAYMENTS: 'stripe' })).toThrow(/STRIPE_SECRET_KEY: is not set/);
  });
});
