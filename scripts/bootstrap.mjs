/** Installs what is missing, builds what changed, then becomes the command that was asked for. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { browser } from './browser.mjs';
import { build, buildTests } from './build.mjs';
import { install } from './install.mjs';
import { withLock } from './lock.mjs';
import { endWithNpm } from './parent.mjs';
import { EXIT_CODES, Failure, Interrupted, ROOT, runChild } from './process.mjs';

const COMMANDS = ['demo', 'start', 'worker', 'token', 'seed', 'audit', 'migrate', 'bench', 'chaos'];
/** Those that are built apart, for nothing else needs them. */
const OF_THE_TESTS = ['bench', 'chaos'];

/** Jest runs as a child: it ends its process as it likes. It shares our process group, so Ctrl-C reaches it too. */
const runTests = async (args) => {
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const { code, signal } = await runChild(process.execPath, [jest, ...args], {
    stdio: 'inherit',
    forward: true,
  });
  process.exit(signal ? (EXIT_CODES[signal] ?? 1) : code);
};

/** The command takes over this very process, and with it every signal. */
const runCommand = async (name, args) => {
  const file = OF_THE_TESTS.includes(name)
    ? path.join(ROOT, 'test', name, 'dist', name, 'main.js')
    : path.join(ROOT, 'stack', 'dist', 'commands', `${name}.js`);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
};

const prepare = async (name) => {
  const controller = new AbortController();
  const handlers = Object.entries(EXIT_CODES).map(([name, code]) => [
    name,
    () => controller.abort(new Interrupted(code)),
  ]);
  for (const [name, handler] of handlers) process.on(name, handler);
  try {
    await withLock(controller.signal, async () => {
      await install(controller.signal);
      await build(controller.signal);
      if (OF_THE_TESTS.includes(name)) await buildTests(controller.signal, name);
      if (name === 'test') await browser(controller.signal);
    });
  } finally {
    for (const [name, handler] of handlers) process.off(name, handler);
  }
};

export const main = async (name, args) => {
  try {
    if (name !== 'test' && !COMMANDS.includes(name)) {
      throw new Failure(`There is no command "${name ?? ''}": choose from ${COMMANDS.join(', ')}, test.`);
    }
    endWithNpm();
    await prepare(name);
    await (name === 'test' ? runTests(args) : runCommand(name, args));
  } catch (error) {
    if (error instanceof Interrupted) process.exit(error.exitCode);
    console.error(error instanceof Failure ? error.message : error);
    process.exit(1);
  }
};
