/** `npm run demo`: the main job from end to end, where one can watch it. [RUN-1] */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ApiClient } from '../demo/api-client.js';
import { countMails } from '../demo/outside.js';
import { Stage } from '../demo/stage.js';
import { type Cast, Scene } from '../demo/scene.js';
import { tellStory } from '../demo/story.js';
import { loadDirectoryUsers } from '../fixtures/directory-users.js';
import { sampleToken } from '../issuer/sample-token.js';
import { ROOT } from '../paths.js';
import type { StackAddresses } from '../supervisor/stack-file.js';
import { type RunningStack, startStack } from '../supervisor/start-stack.js';
import { aborted, runCommandLine, sayOnStderr } from './command.js';

/** One purchase buys 10,000 seats at most. [BUY-2] */
const MOST_USERS = 10_000;

interface Flags {
  once: boolean;
  json: boolean;
  users: number;
  runDir?: string;
}

const userCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 2 && count <= MOST_USERS) return count;
  throw new InvalidArgumentError(`expected a number of users from 2 to ${MOST_USERS}.`);
};

const parse = (argv: readonly string[]): Flags =>
  new Command('npm run demo --')
    .description('Starts everything and runs the main job where one can watch it.')
    .option('--once', 'stop at the end instead of staying up', false)
    .option('--users <count>', 'how many users the take-over moves', userCount, 1_000)
    .option('--json', 'print the summary as one JSON line at the end', false)
    .option('--run-dir <folder>', 'where stack.json and the logs go (.run)')
    .parse(argv, { from: 'user' })
    .opts<Flags>();

const castOf = async ({ gatewayUrl, issuer }: StackAddresses, signal: AbortSignal): Promise<Cast> => {
  const client = async (email: string): Promise<ApiClient> =>
    new ApiClient(gatewayUrl ?? '', await sampleToken(issuer ?? '', email), signal);
  return {
    alex: await client('alex@contoso.example'),
    blake: await client('blake@contoso.example'),
    casey: await client('casey@contoso.example'),
    gov: await client('user@fabrikam-gov.example'),
    admin: await client('global.admin@contoso.example'),
  };
};

interface AuditAnswer {
  violations: { invariant: number; subject: string; detail: string }[];
  notChecked: unknown[];
}

/** The audit is a program of its own, which reads MongoDB; the demo only runs it. */
const audit = (runDir: string): Promise<AuditAnswer> =>
  new Promise((resolve, reject) => {
    const program = path.join(ROOT, 'stack', 'dist', 'commands', 'audit.js');
    const child = spawn(process.execPath, [program, '--json', '--run-dir', runDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => {
      const last = output.trim().split('\n').at(-1) ?? '';
      if (last.startsWith('{')) resolve(JSON.parse(last) as AuditAnswer);
      else reject(new Error('the audit gave no answer'));
    });
  });

interface Summary {
  ok: boolean;
  seconds: number;
  moved: number;
  purchases: number;
  declined: number;
  mails: number;
  violations: number;
}

const perform = async (
  stack: RunningStack,
  stage: Stage,
  users: number,
  signal: AbortSignal,
): Promise<Summary> => {
  const addresses = stack.describe();
  // The purchaser is the first of those who are moved.
  const emails = await loadDirectoryUsers(addresses.mongoUri ?? '', 'contoso.example', 'demo', users - 1);
  const scene = new Scene(await castOf(addresses, signal), stage, addresses, emails);
  await tellStory(scene);
  const mails = await countMails(addresses.mailUrl ?? '');
  stage.say(`${mails} in all; read them at ${addresses.mailUrl ?? ''}/messages`);
  stage.title('The books are checked');
  const { violations, notChecked } = await audit(stack.runDir);
  for (const { invariant, subject, detail } of violations)
    stage.say(`! invariant ${invariant}: ${subject}: ${detail}`);
  stage.say(`${violations.length} violations, ${notChecked.length} invariants not checked`);
  return summarize(scene, stage.seconds(), mails, violations.length);
};

const summarize = (scene: Scene, seconds: number, mails: number, violations: number): Summary => ({
  ok: scene.wrong.length === 0 && violations === 0,
  seconds,
  moved: scene.moved,
  purchases: scene.purchases,
  declined: scene.declined,
  mails,
  violations,
});

const showSummary = (stage: Stage, summary: Summary, { gatewayUrl, mailUrl }: StackAddresses): void => {
  stage.line('');
  stage.line(
    `${summary.ok ? 'All went well' : 'Something is wrong'}: ${summary.moved} users moved, ${summary.purchases} purchases, ` +
      `${summary.declined} declined, ${summary.mails} e-mails, ${summary.violations} violations, ${summary.seconds} s.`,
  );
  stage.line(`  API      ${gatewayUrl ?? ''}/docs`);
  stage.line(`  Queues   ${gatewayUrl ?? ''}/queues (sign in as operator@commissary.example)`);
  stage.line(`  E-mails  ${mailUrl ?? ''}/messages`);
};

runCommandLine(async ({ signal, onImpatience }) => {
  const flags = parse(process.argv.slice(2));
  const stage = new Stage(flags.json ? process.stderr : process.stdout);
  const stack = await startStack({ runDir: flags.runDir, say: sayOnStderr, signal });
  onImpatience(() => stack.killAll());
  try {
    const summary = await perform(stack, stage, flags.users, signal);
    showSummary(stage, summary, stack.describe());
    if (flags.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    if (!flags.once) {
      stage.line('Everything stays up until Ctrl-C.');
      await aborted(signal);
    }
    return summary.ok ? 0 : 1;
  } finally {
    sayOnStderr('Stopping');
    await stack.stop();
  }
});
