/** The payment simulator's process: `PORT`, `HOST` and `JOURNAL` (a file) tell it where. */
import { required, runService } from '../http/service.js';
import { startSimulator } from './simulator.js';

runService('payments', ({ host, port }) => startSimulator(required('JOURNAL'), port, host));
