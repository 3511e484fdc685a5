/** The OpenID provider: code flow with PKCE for the dashboards, and a grant by e-mail address for `npm run token`. */
import { type Configuration, errors, interactionPolicy, Provider, type ResourceServer } from 'oidc-provider';
import type { Directory } from './directory.js';
import type { IssuerKeys } from './keys.js';
import { AUDIENCE, CLI_CLIENT_ID, DASHBOARDS_CLIENT_ID, SAMPLE_USER_GRANT } from './names.js';

const HOUR_S = 3_600;
const API_SCOPE = 'api';

const API: ResourceServer = {
  scope: API_SCOPE,
  audience: AUDIENCE,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'RS256' } },
};

/** A native client may come back to any loopback port: the gateway's is a free one. */
const CLIENTS: Configuration['clients'] = [
  {
    client_id: DASHBOARDS_CLIENT_ID,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}/auth/callback`),
    grant_types: ['authorization_code'],
    response_types: ['code'],
  },
  {
    client_id: CLI_CLIENT_ID,
    token_endpoint_auth_method: 'none',
    redirect_uris: [],
    grant_types: [SAMPLE_USER_GRANT],
    response_types: [],
  },
];

/** First-party clients ask nobody for consent. */
const policyWithoutConsent = (): interactionPolicy.DefaultPolicy => {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
};

const loadExistingGrant: Configuration['loadExistingGrant'] = async (ctx) => {
  const { client, session, provider } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const known = session.grantIdFor(client.clientId);
  if (known !== undefined) return provider.Grant.find(known);
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope('openid email profile');
  grant.addResourceScope(AUDIENCE, API_SCOPE);
  await grant.save();
  return grant;
};

const configuration = (directory: Directory, keys: IssuerKeys): Configuration => ({
  clients: CLIENTS,
  jwks: { keys: [keys.signing] },
  cookies: { keys: [keys.cookieSecret] },
  claims: { openid: ['sub', 'tid'], email: ['email'], profile: ['name'] },
  conformIdTokenClaims: false,
  scopes: ['openid', 'email', 'profile'],
  pkce: { required: () => true },
  interactions: {
    policy: policyWithoutConsent(),
    url: (_ctx, interaction) => `/sign-in/${interaction.uid}`,
  },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => AUDIENCE,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, resource) => {
        if (resource !== AUDIENCE) throw new errors.InvalidTarget();
        return API;
      },
    },
  },
  findAccount: async (_ctx, sub) => {
    const user = await directory.byId(sub);
    if (!user) return undefined;
    const claims = { sub, tid: user.tenantId, email: user.email, name: user.displayName };
    return { accountId: sub, claims: () => claims };
  },
  extraTokenClaims: async (_ctx, token) => {
    const user = 'accountId' in token && token.accountId ? await directory.byId(token.accountId) : null;
    return user ? { tid: user.tenantId } : undefined;
  },
  loadExistingGrant,
  ttl: {
    AccessToken: HOUR_S,
    AuthorizationCode: 60,
    IdToken: HOUR_S,
    Grant: 8 * HOUR_S,
    Interaction: HOUR_S,
    Session: 8 * HOUR_S,
  },
});

const registerSampleUserGrant = (provider: Provider, directory: Directory): void => {
  provider.registerGrantType<{ username?: string }>(
    SAMPLE_USER_GRANT,
    async (ctx) => {
      const { client, params } = ctx.oidc;
      const user = await directory.byEmail(params.username ?? '');
      if (!user) throw new errors.InvalidGrant('no account has this address');
      const grant = new provider.Grant({ accountId: user._id, clientId: client.clientId });
      grant.addResourceScope(AUDIENCE, API_SCOPE);
      const token = new provider.AccessToken({
        accountId: user._id,
        client,
        grantId: await grant.save(),
        gty: SAMPLE_USER_GRANT,
        scope: API_SCOPE,
      });
      token.resourceServer = new provider.ResourceServer(AUDIENCE, API);
      ctx.body = {
        access_token: await token.save(),
        expires_in: token.expiration,
        token_type: token.tokenType,
      };
    },
    ['username'],
  );
};

/** `url` is the issuer's own address; tokens name it. */
export const createProvider = (url: string, directory: Directory, keys: IssuerKeys): Provider => {
  const provider = new Provider(url, configuration(directory, keys));
  registerSampleUserGrant(provider, directory);
  provider.on('server_error', (_ctx, error) => process.stderr.write(`${error.stack ?? error.message}\n`));
  return provider;
};
