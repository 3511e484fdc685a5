import { fetch } from '@commissary/stack/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from './support/chromium.js';
import { tokenOf } from './support/people.js';
import { stack } from './support/stack.js';

/** The page, its parts and its data; what exists and what does not. */
const PATHS = [
  '/queues',
  '/queues/',
  '/queues/queue/purchases',
  '/queues/api/queues',
  '/queues/api/queues/purchases/clean/completed',
  '/queues/static/favicon-32x32.png',
  '/queues/static/nothing.js',
  '/queues/no/such/path',
  '/queues/%2e%2e/queues/api/queues',
  '/%71ueues/api/queues',
];

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${stack().gatewayUrl}${path}`, { method, headers, redirect: 'manual' });

const withToken = async (path: string, email: string, method = 'GET') =>
  ask(path, { authorization: `Bearer ${await tokenOf(email)}` }, method);

describe('the queue dashboards', () => {
  it.each(PATHS)(
    '[OPS-1] %s is 401 without a sign-in, by every method, and 403 for an admin',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'PUT', 'POST']) {
        const reply = await ask(path, {}, method);
        expect([method, reply.status, reply.headers.get('location')]).toEqual([method, 401, null]);
        expect((await withToken(path, 'global.admin@contoso.example', method)).status).toBe(403);
      }
    },
  );

  it('[OPS-1] 401 is a page that links to sign-in; a forged or stale session is none', async () => {
    const strangers: Record<string, string>[] = [
      {},
      { cookie: 'commissary_session=forged' },
      { authorization: 'Bearer forged' },
    ];
    for (const headers of strangers) {
      const reply = await ask('/queues', headers);
      expect(reply.status).toBe(401);
      expect(await reply.text()).toContain('href="/auth/sign-in');
    }
  });

  it('[OPS-1] an operator with a bearer token sees the queues, and can change nothing there', async () => {
    const reply = await withToken('/queues/api/queues', 'operator@commissary.example');
    const { queues } = (await reply.json()) as { queues: { name: string; readOnlyMode: boolean }[] };
    expect(queues.map((queue) => queue.name)).toEqual([
      'purchases',
      'license-moves',
      'cancellations',
      'renewals',
      'notifications',
    ]);
    expect(queues.every((queue) => queue.readOnlyMode)).toBe(true);
    const emptied = await withToken(
      '/queues/api/queues/purchases/empty',
      'operator@commissary.example',
      'PUT',
    );
    expect(emptied.status).toBeGreaterThanOrEqual(400);
    expect((await withToken('/queues/no/such/path', 'operator@commissary.example')).status).toBe(404);
  });
});

describe('the queue dashboards in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });

  afterAll(() => browser.close());

  /** From the dashboards' own door through the issuer's page and back. */
  const signIn = async (page: Page, email: string) => {
    await page.goto(`${stack().gatewayUrl}/queues`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${stack().gatewayUrl}/queues`);
  };

  it('[OPS-1] an operator signs in through the issuer and sees every queue', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, 'operator@commissary.example');
    await page.getByText('license-moves').first().waitFor();
    expect(await page.title()).toContain('Commissary queues');
    const [session] = (await context.cookies()).filter((cookie) => cookie.name === 'commissary_session');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    const leftOver = (await context.cookies()).filter((cookie) => cookie.name === 'commissary_sign_in');
    expect(leftOver).toEqual([]);
    await page.goto(`${stack().gatewayUrl}/auth/sign-out`);
    expect((await page.goto(`${stack().gatewayUrl}/queues`))?.status()).toBe(401);
    await context.close();
  });

  it('[OPS-1] another account is told so, and may sign in as somebody else', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signIn(page, 'global.admin@contoso.example');
    expect(await page.getByRole('heading').textContent()).toBe('Not allowed');
    expect((await page.goto(`${stack().gatewayUrl}/queues/api/queues`))?.status()).toBe(403);
    await page.getByRole('link', { name: 'Sign in with another account' }).click();
    await page.getByLabel('E-mail address').fill('operator@commissary.example');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('license-moves').first().waitFor();
    await context.close();
  });

  it('[OPS-1] a sign-in that was not begun here is refused', async () => {
    const reply = await ask('/auth/callback?code=stolen&state=guessed');
    expect(reply.status).toBe(400);
    expect(reply.headers.get('set-cookie')).toBeNull();
    const away = await ask('/auth/sign-in?returnTo=https://elsewhere.example/');
    expect(away.status).toBe(303);
    expect(away.headers.get('location')).toMatch(new RegExp(`^${stack().issuer}/`));
  });
});
