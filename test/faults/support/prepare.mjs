/** Names the folder of the stacks of the fault tests; the first test of each Jest worker starts one (`fault-stack.ts`). */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export default function prepare() {
  const folder = mkdtempSync(path.join(tmpdir(), 'commissary-faults-'));
  process.env.COMMISSARY_FAULTS_RUN_DIR = folder;
  globalThis.commissaryFaults = folder;
}
