/** Names by which the issuer, its clients and the product know each other. */

export const AUDIENCE = 'urn:commissary:api';
/** Grant for development: `username` is an e-mail address of the directory, nothing else is asked. */
export const SAMPLE_USER_GRANT = 'urn:commissary:grant-type:sample-user';
/** May use that grant alone. */
export const CLI_CLIENT_ID = 'commissary-cli';
/** Public client of the gateway's dashboards: code flow with PKCE. */
export const DASHBOARDS_CLIENT_ID = 'commissary-dashboards';
