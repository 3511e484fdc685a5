/** The gateway itself, with everything on; or, for the goals that leave sign-in out on both sides, told who calls. */
import { Authenticator, createGateway } from '@commissary/gateway';
import { createLogger, readGatewayEnv } from '@commissary/platform';
import type { TenantDocument, UserDocument } from '@commissary/store';
import { type ServerState, usedSoFar } from '../server-state.js';
import type { OpenSide, StoreAddresses } from '../side-contract.js';

export interface GatewaySettings extends StoreAddresses {
  /** Null: nobody signs in; a caller is whom the bearer token names by its id. */
  issuer: string | null;
  audience: string;
  tenant: TenantDocument;
  callers: UserDocument[];
  logs: boolean;
}

const NOBODY_LIMITED = '1000000';

export const open = async (settings: GatewaySettings): Promise<OpenSide<void, ServerState>> => {
  const env = readGatewayEnv({
    MONGODB_URI: settings.mongodbUri,
    REDIS_URL: settings.redisUrl,
    QUEUE_PREFIX: settings.queuePrefix,
    PAYMENTS_URL: 'http://127.0.0.1:9',
    PUBLIC_URL: 'http://127.0.0.1:9',
    OIDC_ISSUER: settings.issuer ?? 'http://127.0.0.1:9',
    OIDC_AUDIENCE: settings.audience,
    SESSION_SECRET: 'a secret of a bench that is long enough',
    RATE_LIMIT_PER_SECOND: NOBODY_LIMITED,
  });
  const app = await createGateway(env, createLogger('gateway', settings.logs ? 'info' : 'silent'));
  if (settings.issuer === null) trustCallers(app.get(Authenticator), settings);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    run: async () => ({ url, cpuSeconds: usedSoFar() }),
    close: () => app.close(),
  };
};

/** A wiring of this bench alone: the token is the caller's id, and nothing is read to check it. */
const trustCallers = (authenticator: Authenticator, { tenant, callers }: GatewaySettings): void => {
  const byHeader = new Map(callers.map((user) => [`Bearer ${user._id}`, { user, homeTenant: tenant }]));
  authenticator.byAuthorization = async (header) => {
    const identity = byHeader.get(header ?? '');
    if (!identity) throw new Error(`nobody is called ${header}`);
    return identity;
  };
};
