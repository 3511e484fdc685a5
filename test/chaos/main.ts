/** `npm run chaos` does a random mix of work under random faults, chosen by a seed, and checks every answer afterwards. [OPS-4, OPS-5] */
import { parseArgs } from 'node:util';
import { StackError } from '@commissary/stack';
import { SeededRandom } from '../support/seeded-random.js';
import { type ChaosReport, runChaos } from './lib/run.js';

const USAGE = `npm run chaos -- [--seed N] [--minutes M | --seconds S] [--json] [--keep]
Sends purchases, seat changes, assignments, moves, cancellations and policy changes of several tenants over HTTP, and lets terms
end, while processes die, freeze and lose their data. Then it ends all faults, waits until no work is left, runs the audit, and
compares the database and the payment provider's books with what was answered.
  --seed N      uses the mix of work and faults of this seed; without it any seed is used
  --minutes M   runs for this many minutes (1)
  --seconds S   runs for this many seconds instead
  --json        prints the report as one JSON line
  --keep        keeps the databases of a failed run beside its logs
The exit code is 0 if nothing is wrong.`;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

interface CommandLine {
  seed: number;
  seconds: number;
  json: boolean;
  keep: boolean;
  help: boolean;
}

const positive = (flag: string, text: string): number => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new StackError(`${flag}: expected a number above 0, got "${text}".`);
};

const seedOf = (text: string | undefined): number => {
  if (text === undefined) return SeededRandom.anySeed();
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new StackError(`--seed: expected a whole number, got "${text}".`);
};

const readCommandLine = (argv: readonly string[]): CommandLine => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { seed: text, minutes: text, seconds: text, json: flag, keep: flag, help: flag },
    });
    const { seed, minutes = '1', seconds, json, keep, help } = values;
    const lasting =
      seconds === undefined ? positive('--minutes', minutes) * 60 : positive('--seconds', seconds);
    return { seed: seedOf(seed), seconds: lasting, json, keep, help };
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(`${(error as Error).message}\n\n${USAGE}`);
  }
};

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

const print = (report: ChaosReport): void => {
  const { requests, quiet, violations, notChecked, differences, timeLimits } = report;
  const lines = [
    `seed       ${report.seed}, ${report.seconds} s`,
    `actions    ${counted(report.actions)}`,
    `faults     ${counted(report.faults)}`,
    `requests   ${requests.requests}, ${requests.repeats} of them asked again; answers: ${counted(requests.answers)}`,
    `refused    ${counted(report.refusals)}`,
    `accepted   ${report.accepted} operations; ${quiet.isQuiet ? 'all ended' : 'NOT all ended'} ${quiet.seconds} s after the last fault, ${quiet.resumed} resumed by the operator`,
    `last       ${quiet.last.slice(0, 5).join('; ') || 'nothing was waited for'}`,
    `mails      ${quiet.mailsWaiting} wait for their next try`,
    ...notChecked.map((each) => `not checked: ${each}`),
    ...timeLimits.map((each) => `time limit: ${each}`),
    ...violations.map(({ invariant, subject, detail }) => `violation: ${invariant} ${subject} ${detail}`),
    ...differences.map((each) => `difference: ${each}`),
    report.ok
      ? 'Nothing is wrong.'
      : `WRONG: ${violations.length} violations, ${differences.length} differences, ${timeLimits.length} time limits hit. Run it again with: npm run chaos -- --seed ${report.seed} --seconds ${report.seconds}`,
  ];
  console.log(lines.join('\n'));
};

class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

const main = async (signal: AbortSignal): Promise<number> => {
  const { seed, seconds, json, keep, help } = readCommandLine(process.argv.slice(2));
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const began = performance.now();
  const at = (): string => ((performance.now() - began) / 1_000).toFixed(1).padStart(6);
  const say = (line: string): void => void process.stderr.write(`${at()} s  ${line}\n`);
  say(`seed ${seed}`);
  const report = await runChaos({ seed, seconds, keep, signal, say });
  if (json) console.log(JSON.stringify(report));
  else print(report);
  return report.ok ? 0 : 1;
};

const interruption = new AbortController();
for (const [name, code] of Object.entries(EXIT_CODES)) {
  process.on(name, () => interruption.abort(new Interrupted(code)));
}
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main(interruption.signal).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof Interrupted) process.exit(error.exitCode);
    const text =
      error instanceof StackError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text ?? ''}\n`);
    process.exit(1);
  },
);
