/** `npm start`: the embedded stack with the sample tenants, up until Ctrl-C. [RUN-2] */
import { Command, InvalidArgumentError } from 'commander';
import { PORT_FLAGS, type RunningStack, type StackOptions, startStack } from '../supervisor/start-stack.js';
import { aborted, runCommandLine, sayOnStderr } from './command.js';

const HIGHEST_PORT = 65_535;

const portNumber = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port <= HIGHEST_PORT) return port;
  throw new InvalidArgumentError(`expected a port from 1 to ${HIGHEST_PORT}.`);
};

interface Flags {
  runDir?: string;
  data?: string;
  only?: string;
  restart: boolean;
  [flag: string]: unknown;
}

/** Such as `mongodPort` for `--mongod-port`, as commander calls it. */
const attribute = (flag: string): string =>
  flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const parse = (argv: readonly string[]): StackOptions => {
  const command = new Command('npm start --')
    .description('Starts the embedded stack, the gateway and the workers with the sample tenants.')
    .option('--run-dir <folder>', 'where stack.json and the logs go (.run)')
    .option('--data <folder>', 'keep data there between starts')
    .option('--only <parts>', 'comma list of parts as stack.json names them, or workers')
    .option('--no-restart', 'do not start a process again that died')
    .option('--with-parent', 'end when the parent process ends');
  for (const [name, flag] of Object.entries(PORT_FLAGS)) {
    command.option(`${flag} <port>`, `port of the ${name} (a free one)`, portNumber);
  }
  const flags = command.parse(argv, { from: 'user' }).opts<Flags>();
  const wanted = Object.entries(PORT_FLAGS).map(([name, flag]) => [name, flags[attribute(flag)]] as const);
  return {
    runDir: flags.runDir,
    dataDir: flags.data,
    only: flags.only?.split(',').map((name) => name.trim()),
    restart: flags.restart,
    ports: Object.fromEntries(wanted),
  };
};

const summary = (stack: RunningStack): string => {
  const { processes, ...addresses } = stack.describe();
  const lines = Object.entries(addresses).flatMap(([name, url]) =>
    url === null ? [] : [`  ${name.padEnd(12)}${url}`],
  );
  const names = processes.map(({ name }) => name).join(', ');
  return ['Commissary is up.', ...lines, `  ${'processes'.padEnd(12)}${names}`, 'Ctrl-C stops it.'].join(
    '\n',
  );
};

runCommandLine(async ({ signal, onImpatience }) => {
  const stack = await startStack({ ...parse(process.argv.slice(2)), say: sayOnStderr, signal });
  onImpatience(() => stack.killAll());
  process.stdout.write(`${summary(stack)}\n`);
  await aborted(signal);
  sayOnStderr('Stopping');
  await stack.stop();
  return 0;
});
