export { createGateway } from './app.js';
/** For the wiring of a bench without sign-in; nothing else has a use for it. */
export { Authenticator } from './auth/authenticator.js';
