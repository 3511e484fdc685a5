/** `npm run token -- --user alex@contoso.example`: a bearer token on the last line. [RUN-3] */
import { Command } from 'commander';
import { sampleToken } from '../issuer/sample-token.js';
import { defaultRunDir } from '../paths.js';
import { StackError } from '../stack-error.js';
import { readStackFile } from '../supervisor/stack-file.js';
import { runCommandLine } from './command.js';

runCommandLine(async () => {
  const { user, runDir } = new Command('npm run token --')
    .description('Prints a bearer token for a sample user, good for an hour.')
    .requiredOption('--user <email>', 'an address of the sample directory')
    .option('--run-dir <folder>', 'the folder of the running stack', defaultRunDir())
    .parse(process.argv.slice(2), { from: 'user' })
    .opts<{ user: string; runDir: string }>();
  const { issuer } = readStackFile(runDir);
  if (issuer === null)
    throw new StackError('The running stack has no issuer: start it with the part "issuer".');
  process.stdout.write(`${await sampleToken(issuer, user)}\n`);
  return 0;
});
