import { describe, expect, it } from '@jest/globals';
import { errorInLog } from './log-error.js';

const info = JSON.stringify({ level: 30, msg: 'worker starts' });

describe('the error in the log of a process that did not start', () => {
  it("is the first line of Nest's error, not the advice that follows it", () => {
    const nest =
      "The gateway cannot start: Nest can't resolve dependencies of the PurchasesService (?). Please make sure that it is available.";
    const log = [
      info,
      nest,
      '',
      'Potential solutions:',
      '- Is AppModule a valid NestJS module?',
      '- Is it exported?',
    ];
    expect(errorInLog(log.join('\n'))).toBe(nest);
  });

  it('is the message of an uncaught error, not its stack', () => {
    const log = [
      'file:///app/main.js:3',
      "throw new TypeError('x');",
      '      ^',
      '',
      'TypeError: x',
      '    at main.js:3:7',
    ];
    expect(errorInLog(log.slice(2).join('\n'))).toBe('TypeError: x');
  });

  it('is the message of an error that was logged as JSON, by pino or by mongod', () => {
    const failed = JSON.stringify({ level: 50, msg: 'stop failed', err: { message: 'no Redis\nat x' } });
    expect(errorInLog(`${info}\n${failed}\n${info}`)).toBe('stop failed: "no Redis"');
    const mongod = JSON.stringify({ s: 'E', msg: 'Failed to set up listener', attr: { error: 'in use' } });
    expect(errorInLog(`${JSON.stringify({ s: 'I', msg: 'hi' })}\n${mongod}`)).toBe(
      'Failed to set up listener: "in use"',
    );
  });

  it('is taken from the last three lines where none tells of an error', () => {
    expect(errorInLog('one\ntwo\nthree\nfour\n')).toBe('two / three / four');
  });
});
