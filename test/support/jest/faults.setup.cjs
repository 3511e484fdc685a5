/** Whole processes are killed, frozen and awaited here, in full size for minutes; they run on stacks of their own. */
const path = require('node:path');

jest.setTimeout(process.env.FAULTS === 'full' ? 1_800_000 : 240_000);
process.env.COMMISSARY_E2E_RUN_DIR = path.join(
  process.env.COMMISSARY_FAULTS_RUN_DIR,
  process.env.JEST_WORKER_ID,
);
