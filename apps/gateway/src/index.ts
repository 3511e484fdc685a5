export { createGateway } from './app.js';
export type { RequestContext } from './http/request-context.js';
export { AcceptService } from './operations/accept.service.js';
/** For tests of keyed work on several nodes. */
export { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.js';
export { IdempotentRequest } from './idempotency/idempotent-request.js';
/** For the wiring of a bench without sign-in; nothing else has a use for it. */
export { Authenticator } from './auth/authenticator.js';
/** What the catalog answers of one product, for a bench of it. */
export { catalogItem } from './catalog/catalog.view.js';
