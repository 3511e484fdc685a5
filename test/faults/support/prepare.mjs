/** Names the folder of the stack that the fault tests share; the first of them starts it (`fault-stack.ts`). */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export default function prepare() {
  const folder = mkdtempSync(path.join(tmpdir(), 'commissary-faults-'));
  process.env.COMMISSARY_FAULTS_RUN_DIR = folder;
  globalThis.commissaryFaults = folder;
}
