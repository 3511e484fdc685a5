export { createGateway } from './app.js';
