export { createGateway } from './app.js';
export type { RequestContext } from './http/request-context.js';
export { AcceptService } from './operations/accept.service.js';
/** For the wiring of a bench without sign-in; nothing else has a use for it. */
export { Authenticator } from './auth/authenticator.js';
/** What the catalog answers of one product, for a bench of it. */
export { catalogItem } from './catalog/catalog.view.js';
