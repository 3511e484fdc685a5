/** HTTP as the stack and the tests use it: `@commissary/stack/http`. */
export { fetch } from './fetch.js';
export { closeServer, createHttpServer, listenOn } from './http-server.js';
