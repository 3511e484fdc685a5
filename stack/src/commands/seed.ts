/** `npm run seed`: loads a directory, a purchase and its licenses into the running stack. [RUN-4] */
import { Command, InvalidArgumentError } from 'commander';
import { SEATS_PER_SUBSCRIPTION_MAX } from '@commissary/domain';
import { seed } from '../fixtures/seed/seed.js';
import { SEED_PRODUCT } from '../fixtures/seed/seed-facts.js';
import { defaultRunDir } from '../paths.js';
import { StackError } from '../stack-error.js';
import { readStackFile } from '../supervisor/stack-file.js';
import { runCommandLine, sayOnStderr } from './command.js';

interface Flags {
  tenant: string;
  users: number;
  assigned?: number;
  targetSeats?: number;
  targetProduct: string;
  runDir?: string;
}

const count = (text: string): number => {
  const parsed = Number(text);
  if (Number.isInteger(parsed) && parsed >= 0 && parsed <= SEATS_PER_SUBSCRIPTION_MAX) return parsed;
  throw new InvalidArgumentError(`expected a whole number from 0 to ${SEATS_PER_SUBSCRIPTION_MAX}.`);
};

const parse = (argv: readonly string[]): Flags =>
  new Command('npm run seed --')
    .description(
      'Loads users, a self-service subscription with licenses for them, and a central one to move them to.',
    )
    .option('--tenant <domain>', 'a tenant of the running stack', 'contoso.example')
    .option('--users <count>', 'new members of its directory', count, 1_000)
    .option('--assigned <count>', 'how many of them get a license (all)', count)
    .option('--target-seats <count>', 'free seats of the central subscription (as many as licenses)', count)
    .option('--target-product <id>', 'product of the central subscription', SEED_PRODUCT)
    .option('--run-dir <folder>', 'folder of the running stack (.run)')
    .parse(argv, { from: 'user' })
    .opts<Flags>();

/** The folder that was named, else MONGODB_URI with PAYMENTS_URL, else the stack in the default folder. */
const whereTo = (runDir: string | undefined): { mongoUri: string; paymentsUrl: string } => {
  const { MONGODB_URI: mongoUri, PAYMENTS_URL: paymentsUrl } = process.env;
  if (runDir === undefined && mongoUri && paymentsUrl) return { mongoUri, paymentsUrl };
  const stack = readStackFile(runDir ?? defaultRunDir());
  if (stack.mongoUri === null || stack.paymentsUrl === null) {
    throw new StackError('The running stack has no mongod or no payments: start it with both.');
  }
  return { mongoUri: stack.mongoUri, paymentsUrl: stack.paymentsUrl };
};

const SAY_EVERY = 50_000;

runCommandLine(async () => {
  const { tenant, users, targetProduct, runDir, ...flags } = parse(process.argv.slice(2));
  const assigned = flags.assigned ?? users;
  if (assigned > users)
    throw new StackError(`Only ${users} users are loaded: give --assigned ${users} or less.`);
  sayOnStderr(`Loading ${users} users into ${tenant}, ${assigned} of them licensed`);
  const report = await seed({
    ...whereTo(runDir),
    tenant,
    users,
    assigned,
    targetSeats: flags.targetSeats ?? assigned,
    targetProduct,
    onProgress: (loaded) => {
      if (loaded % SAY_EVERY === 0) sayOnStderr(`  ${loaded} of ${users}`);
    },
  });
  console.log(JSON.stringify(report));
  return 0;
});
