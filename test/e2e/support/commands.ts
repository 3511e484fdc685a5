import { execFile } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../../support/stack-process.js';
import { runDir } from './stack.js';

interface Outcome {
  code: number;
  /** The last line. */
  said: string;
}

const run = (name: string, args: string[]): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const file = path.join(ROOT, 'stack/dist/commands', `${name}.js`);
    execFile(process.execPath, [file, '--run-dir', runDir(), ...args], (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      const said = stdout.trim().split('\n').at(-1) ?? '';
      if (said === '') reject(new Error(`${name} said nothing: ${stderr}`));
      else resolve({ code, said });
    });
  });

export interface Seeded {
  tenantId: string;
  sourceSubscriptionId: string;
  targetSubscriptionId: string;
  users: number;
  purchaserEmail: string;
}

/** As many licensed users as it takes, in contoso, and as many seats for them unless told: `npm run seed`. [RUN-4] */
export const seed = async (users: number, targetSeats = users): Promise<Seeded> => {
  const sizes = ['--users', String(users), '--target-seats', String(targetSeats)];
  return JSON.parse((await run('seed', ['--tenant', 'contoso.example', ...sizes])).said) as Seeded;
};

export interface AuditReport {
  violations: { invariant: number; subject: string; detail: string }[];
}

/** `npm run audit` over everything that is there: exit code and violations. [RUN-5] */
export const audit = async (): Promise<{ code: number; violations: AuditReport['violations'] }> => {
  const { code, said } = await run('audit', ['--json']);
  return { code, violations: (JSON.parse(said) as AuditReport).violations };
};

export const NOTHING_WRONG = { code: 0, violations: [] };
