import { randomUUID, createHash } from 'node:crypto';
import { Agent, type ClientRequest, get } from 'node:http';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { runStackCommand } from '../support/run-command.js';
import { startStackProcess, type StackProcess } from '../support/stack-process.js';

let stack: StackProcess;

beforeAll(async () => {
  stack = await startStackProcess(['--only', 'mongod,payments,mail,issuer']);
});
afterAll(() => stack.stop());

const post = (url: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal,
  });

const reachable = async (url: string): Promise<void> => {
  while (
    !(await fetch(url).then(
      (response) => response.ok,
      () => false,
    ))
  ) {
    await delay(25);
  }
};

describe('payment simulator', () => {
  const charge = async (url: string, token: string, key: string, signal?: AbortSignal) => {
    const method = (await (await post(`${url}/payment-methods`, { token })).json()) as { id: string };
    const body = { paymentMethodId: method.id, orderId: `ord_${key}`, amountMinor: 999, currency: 'USD' };
    return { body, response: post(`${url}/charges`, body, { 'idempotency-key': key }, signal) };
  };

  it('BUY-6 a charge that was answered outlives kill -9, in the shape of the contract', async () => {
    const { paymentsUrl, processes } = stack.file();
    const key = randomUUID();
    const { body, response } = await charge(paymentsUrl, 'tok_visa', key);
    const made = (await (await response).json()) as Record<string, unknown>;
    process.kill(processes.find(({ name }) => name === 'payments')?.pid ?? 0, 'SIGKILL');
    await reachable(`${paymentsUrl}/healthz`);
    const found = await (await fetch(`${paymentsUrl}/charges?orderId=ord_${key}`)).json();
    expect(found).toEqual({ items: [made], nextCursor: null });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^ch_/) as unknown,
      idempotencyKey: key,
      orderId: `ord_${key}`,
      amountMinor: 999,
      currency: 'USD',
      status: 'succeeded',
      refundedMinor: 0,
      createdAt: expect.stringMatching(/^\d{4}-.+Z$/) as unknown,
    });
    const again = await post(`${paymentsUrl}/charges`, body, { 'idempotency-key': key });
    expect(await again.json()).toEqual(made);
  });

  it('BUY-6 tok_timeoutThenOk never answers the first time, and at once the next', async () => {
    const { paymentsUrl } = stack.file();
    const key = randomUUID();
    const { body, response } = await charge(paymentsUrl, 'tok_timeoutThenOk', key, AbortSignal.timeout(300));
    await expect(response).rejects.toThrow(/timeout|aborted/);
    const again = await post(`${paymentsUrl}/charges`, body, { 'idempotency-key': key });
    expect(await again.json()).toMatchObject({ status: 'succeeded', idempotencyKey: key });
  });

  it('names what is wrong with a request', async () => {
    const { paymentsUrl } = stack.file();
    const codes = await Promise.all(
      [
        post(`${paymentsUrl}/charges`, {}, {}),
        post(`${paymentsUrl}/charges`, { surprise: 1 }, { 'idempotency-key': 'k' }),
        post(`${paymentsUrl}/payment-methods`, { token: 'tok_expired' }),
        fetch(`${paymentsUrl}/nowhere`),
      ].map(async (response) => {
        const { status, error } = await response.then(async (answer) => ({
          status: answer.status,
          ...((await answer.json()) as { error: { code: string } }),
        }));
        return `${status} ${error.code}`;
      }),
    );
    expect(codes).toEqual([
      '400 idempotency_key_missing',
      '400 invalid_request',
      '402 card_expired',
      '404 not_found',
    ]);
  });
});

describe('issuer', () => {
  const AUDIENCE = 'urn:commissary:api';

  it('RUN-3 the token on the last line is signed, for an hour, for the account and its tenant', async () => {
    const { issuer } = stack.file();
    const args = ['--run-dir', stack.runDir, '--user', 'alex@contoso.example'];
    const { exitCode, stdout } = await runStackCommand('token', args);
    expect(exitCode).toBe(0);
    const token = stdout.trim().split('\n').at(-1) ?? '';
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: AUDIENCE,
      typ: 'at+jwt',
      algorithms: ['RS256'],
    });
    expect(payload).toMatchObject({
      sub: expect.stringMatching(/^usr_/) as unknown,
      tid: expect.stringMatching(/^ten_/) as unknown,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it('RUN-3 a disabled account gets one too; an unknown one a sentence', async () => {
    const ask = (user: string) => runStackCommand('token', ['--run-dir', stack.runDir, '--user', user]);
    expect((await ask('dana@contoso.example')).exitCode).toBe(0);
    const unknown = await ask('nobody@contoso.example');
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stdout).toBe('');
    expect(unknown.stderr).toMatch(/^No account has the address nobody@contoso\.example: .+\.\n$/);
  });

  /** Follows redirects by hand with the cookies of one browser. */
  class Browser {
    private readonly cookies = new Map<string, string>();

    async go(url: string, form?: Record<string, string>): Promise<Response> {
      const response = await fetch(url, {
        redirect: 'manual',
        method: form ? 'POST' : 'GET',
        body: form ? new URLSearchParams(form) : undefined,
        headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        this.cookies.set(name, value);
      }
      return response;
    }
  }

  it('OPS-1 signs a browser in by code and PKCE, without a page for consent', async () => {
    const { issuer } = stack.file();
    const browser = new Browser();
    const verifier = randomUUID() + randomUUID();
    const callback = 'http://127.0.0.1:12345/auth/callback';
    const request = new URLSearchParams({
      client_id: 'commissary-dashboards',
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid email profile',
      state: 's',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const started = await browser.go(`${issuer}/auth?${request.toString()}`);
    const page = new URL(started.headers.get('location') ?? '', issuer).href;
    expect(await (await browser.go(page)).text()).toContain('no password is asked');
    const wrong = await browser.go(page, { email: '<b>@contoso.example' });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).not.toContain('<b>');
    const signedIn = await browser.go(page, { email: 'Operator@commissary.example' });
    const resumed = await browser.go(new URL(signedIn.headers.get('location') ?? '', issuer).href);
    const back = new URL(resumed.headers.get('location') ?? '');
    expect(back.href.startsWith(`${callback}?code=`)).toBe(true);
    expect(back.searchParams.get('state')).toBe('s');

    const exchange = (codeVerifier: string) =>
      fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: 'commissary-dashboards',
          redirect_uri: callback,
          code: back.searchParams.get('code') ?? '',
          code_verifier: codeVerifier,
        }),
      });
    const tokens = (await (await exchange(verifier)).json()) as { access_token: string; id_token: string };
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: AUDIENCE, iss: issuer });
    expect(decodeJwt(tokens.id_token)).toMatchObject({
      email: 'operator@commissary.example',
      aud: 'commissary-dashboards',
    });
    expect((await exchange(verifier)).status).toBe(400);
  });

  it('OPS-1 refuses a sign-in without PKCE and one that would go elsewhere', async () => {
    const { issuer } = stack.file();
    const ask = async (changed: Record<string, string>): Promise<string> => {
      const request = new URLSearchParams({
        client_id: 'commissary-dashboards',
        response_type: 'code',
        redirect_uri: 'http://127.0.0.1:12345/auth/callback',
        scope: 'openid',
        ...changed,
      });
      const response = await fetch(`${issuer}/auth?${request.toString()}`, { redirect: 'manual' });
      return `${response.headers.get('location') ?? ''} ${await response.text()}`;
    };
    expect(await ask({})).toMatch(/error=invalid_request/);
    expect(await ask({ redirect_uri: 'http://evil.example/auth/callback' })).toMatch(/invalid_redirect_uri/);
  });
});

describe('idle connections of the stand-ins', () => {
  /** Node closes an idle connection after 5 s by default, and since Node 24 a second later. */
  const BUSY_MS = 6_500;

  const blockTheEventLoop = (ms: number): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  };

  it('stay open longer than announced, for a client that is too busy to close them in time', async () => {
    const { issuer, paymentsUrl, mailUrl } = stack.file();
    const urls = [
      `${issuer}/.well-known/openid-configuration`,
      `${paymentsUrl}/healthz`,
      `${mailUrl}/healthz`,
    ];
    const agent = new Agent({ keepAlive: true });
    const ask = (url: string) =>
      new Promise<{ status: number | undefined; reused: boolean; announced: unknown }>((resolve, reject) => {
        const request: ClientRequest = get(url, { agent }, (response) => {
          const announced = response.headers['keep-alive'];
          const answer = { status: response.statusCode, reused: request.reusedSocket, announced };
          response.resume().once('end', () => resolve(answer));
        }).once('error', reject);
      });
    try {
      const first = { status: 200, reused: false, announced: 'timeout=5' };
      expect(await Promise.all(urls.map(ask))).toEqual(urls.map(() => first));
      while (Object.values(agent.freeSockets).flat().length < urls.length) await nextTurn();
      blockTheEventLoop(BUSY_MS);
      expect(await Promise.all(urls.map(ask))).toEqual(urls.map(() => ({ ...first, reused: true })));
    } finally {
      agent.destroy();
    }
  });
});
