import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntryView, ListView, NotificationSettingsView } from '@commissary/contracts';
import type { TenantDocument, UserDocument } from '@commissary/store';
import { TestGateway } from '../support/gateway/test-gateway.js';

let gateway: TestGateway;
let tenant: TenantDocument;
let admin: UserDocument;

beforeAll(async () => {
  gateway = await TestGateway.start();
  tenant = await gateway.tenant();
  admin = await gateway.user(tenant, { roles: ['billingAdmin'] });
});

afterAll(() => gateway.close());

const PATH = '/v1/settings/notifications';
const read = () => gateway.as<NotificationSettingsView>(admin, 'GET', PATH);
const put = (purchaseAlerts: unknown, ifMatch?: string, by = admin) =>
  gateway.as(by, 'PUT', PATH, {
    body: { purchaseAlerts },
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });

const trail = async (): Promise<AuditEntryView[]> => {
  const path = '/v1/audit?action=settings.set';
  return (await gateway.as<ListView<AuditEntryView>>(admin, 'GET', path)).body.items;
};

describe('the settings of what admins are e-mailed [ADM-8]', () => {
  it('tell of each purchase at once until they are changed, which is audited [ADM-9]', async () => {
    const before = await read();
    expect([before.status, before.body]).toEqual([200, { purchaseAlerts: 'immediate' }]);
    const set = await put('digest');
    expect([set.status, set.body]).toEqual([200, { purchaseAlerts: 'digest' }]);
    const after = await read();
    expect(after.body).toEqual({ purchaseAlerts: 'digest' });
    expect(after.headers.get('etag')).toBe(set.headers.get('etag'));
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    expect(await trail()).toMatchObject([
      {
        actor: { userId: admin._id },
        subject: { type: 'tenant', id: tenant._id },
        before: { setting: 'notifications', version: 0, purchaseAlerts: 'immediate' },
        after: { setting: 'notifications', version: 1, purchaseAlerts: 'digest' },
        requestId: set.headers.get('request-id'),
      },
    ]);
  });

  it('are changed by nobody who has seen older ones; what is so already is no change', async () => {
    const seen = (await read()).headers.get('etag') ?? '';
    const entries = (await trail()).length;
    expect((await put('digest', seen)).headers.get('etag')).toBe(seen);
    expect(await trail()).toHaveLength(entries);
    const both = await Promise.all([put('immediate', seen), put('immediate', seen)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await put('digest', seen)).body.code).toBe('stale');
    expect(await trail()).toHaveLength(entries + 1);
  });

  it('are one of two, set by admins, read by readers, each tenant its own', async () => {
    const refused = await put('never');
    expect([refused.status, refused.body.errors?.[0]?.pointer]).toEqual([400, '/purchaseAlerts']);
    const reader = await gateway.user(tenant, { roles: ['globalReader'] });
    expect((await gateway.as(reader, 'GET', PATH)).status).toBe(200);
    expect((await put('digest', undefined, reader)).body.code).toBe('forbidden');
    const member = await gateway.user(tenant);
    expect((await gateway.as(member, 'GET', PATH)).body.code).toBe('forbidden');
    await put('digest');
    const stranger = await gateway.user(await gateway.tenant(), { roles: ['globalAdmin'] });
    expect((await gateway.as(stranger, 'GET', PATH)).body).toEqual({ purchaseAlerts: 'immediate' });
  });
});
