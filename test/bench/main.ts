/** `npm run bench`: every speed claim as a ratio against a reference that does the same work in the same run. [RUN-6] */
import { writeFileSync } from 'node:fs';
import { StackError } from '@commissary/stack';
import type { Bench, GoalReport, Scenario } from './lib/goal.js';
import { describeMachine } from './lib/machine.js';
import { type CommandLine, readCommandLine, USAGE } from './lib/options.js';
import { goalText, pageText, summaryText } from './lib/report.js';
import { closeAllSides, profileSidesInto } from './lib/side.js';
import { median } from './lib/statistics.js';
import { Stores } from './lib/stores.js';
import { SCENARIOS } from './scenarios/index.js';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const runScenario = async (bench: Bench, scenario: Scenario): Promise<GoalReport> => {
  const { id, title, meaning } = scenario;
  say(`${id}: ${title}`);
  const began = performance.now();
  const { figures, rows, rounds, remarks = [] } = await scenario.run(bench).finally(closeAllSides);
  const others = rounds.flatMap((each) => each.rounds.flat()).flatMap((slice) => slice.othersCores ?? []);
  return {
    id,
    title,
    meaning,
    figures,
    rows,
    remarks,
    rerun: rounds.reduce((sum, each) => sum + each.rerun, 0),
    disturbed: rounds.reduce((sum, each) => sum + each.disturbed, 0),
    othersCores: others.length > 0 ? median(others) : null,
    seconds: Math.round((performance.now() - began) / 1000),
  };
};

const check = async (bench: Bench, { scenarios }: CommandLine): Promise<void> => {
  for (const scenario of scenarios) {
    if (!scenario.check) continue;
    await scenario.check(bench).finally(closeAllSides);
    console.log(`${scenario.id}: reference and project leave the same data`);
  }
};

const measure = async (bench: Bench, options: CommandLine, command: string): Promise<GoalReport[]> => {
  const reports: GoalReport[] = [];
  for (const scenario of options.scenarios) {
    const report = await runScenario(bench, scenario);
    reports.push(report);
    if (!options.json) console.log(`\n${goalText(report)}\n`);
    say(`${report.id} took ${report.seconds} s`);
  }
  const machine = describeMachine(bench.stores);
  if (options.write !== null) writeFileSync(options.write, pageText(machine, reports, command));
  if (options.json) console.log(JSON.stringify({ machine, goals: reports }));
  else console.log(`\n${summaryText(reports)}`);
  return reports;
};

/** A figure that misses its limit is a result, not an error, unless asked for: only what could not be measured ends with 1. */
const main = async (signal: AbortSignal): Promise<number> => {
  const argv = process.argv.slice(2);
  const options = readCommandLine(argv, SCENARIOS);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  profileSidesInto(options.profile);
  const command = ['npm run bench', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const stores = await Stores.start(say, signal);
  const bench = { stores, options, say, signal };
  try {
    if (options.checkOnly) {
      await check(bench, options);
      return 0;
    }
    const reports = await measure(bench, options, command);
    const missed = reports.some(({ figures }) => figures.some(({ verdict }) => verdict === 'fail'));
    return options.strict && missed ? 1 : 0;
  } finally {
    await stores.stop();
  }
};

const interruption = new AbortController();
for (const [name, code] of Object.entries(EXIT_CODES)) {
  process.on(name, () => {
    interruption.abort(new Interrupted(code));
    // Ends what a side is in the middle of.
    void closeAllSides();
  });
}
// A reader that has gone away (`| head`) is no reason to leave processes behind.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main(interruption.signal).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const reason: unknown = interruption.signal.aborted ? interruption.signal.reason : error;
    if (reason instanceof Interrupted) process.exit(reason.exitCode);
    say(
      reason instanceof StackError
        ? reason.message
        : reason instanceof Error
          ? (reason.stack ?? '')
          : String(reason),
    );
    process.exit(1);
  },
);
