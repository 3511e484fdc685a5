import { describe, expect, it } from '@jest/globals';
import { ConfigService } from '@nestjs/config';
import type { GatewayEnv } from '@commissary/platform';
import { safeReturnTo, SESSION, SIGN_IN } from './dashboard-session.js';
import { SealedCookies } from './sealed-cookies.js';

const IDENTITY = { userId: 'usr_1', tenantId: 'ten_1' };

const cookiesOf = (secret: string, publicUrl = 'http://localhost') =>
  new SealedCookies(new ConfigService<GatewayEnv, true>({ SESSION_SECRET: secret, PUBLIC_URL: publicUrl }));

/** What the browser is given. */
const sealed = (cookies: SealedCookies, kind: typeof SESSION = SESSION): Promise<string> =>
  cookies.sealed(kind, IDENTITY);

describe('the session of the dashboards', () => {
  it('[OPS-1] comes back from its cookie, which scripts cannot read', async () => {
    const cookies = cookiesOf('a'.repeat(32));
    const header = await sealed(cookies);
    expect(header).toMatch(/HttpOnly/);
    expect(header).toMatch(/SameSite=Lax/);
    expect(header).not.toContain('usr_1');
    expect(await cookies.read(header.split(';')[0] ?? '', SESSION)).toEqual(IDENTITY);
    expect(await sealed(cookiesOf('a'.repeat(32), 'https://commissary.example'))).toMatch(/Secure/);
  });

  it('[OPS-1] is none when forged, of another installation, of another kind or too old', async () => {
    const cookies = cookiesOf('a'.repeat(32));
    const [own = '', other = '', old = ''] = (
      await Promise.all([
        sealed(cookies),
        sealed(cookiesOf('b'.repeat(32))),
        sealed(cookies, { ...SESSION, seconds: -1 }),
      ])
    ).map((header) => header.split(';')[0]);
    expect(await cookies.read(other, SESSION)).toBeNull();
    expect(await cookies.read(old, SESSION)).toBeNull();
    expect(await cookies.read(`${own}x`, SESSION)).toBeNull();
    expect(await cookies.read(own.replace(SESSION.name, SIGN_IN.name), SIGN_IN)).toBeNull();
    expect(await cookies.read('', SESSION)).toBeNull();
  });

  it.each([
    'https://elsewhere.example',
    '//elsewhere.example',
    '/queues//x.example/..',
    '/queuesx',
    '/v1/me',
    undefined,
  ])('[OPS-1] goes back to a page of its own, never to %s', (path) =>
    expect(safeReturnTo(path)).toMatch(/^\/queues/),
  );
});
