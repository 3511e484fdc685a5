/** What the log of a process that did not start says was wrong. */

const MOST_CHARACTERS = 300;
const LAST_LINES = 3;
/** The number that pino gives to errors. */
const ERROR_LEVEL = 50;
/** How mongod marks errors and fatal errors. */
const MONGOD_ERRORS = ['E', 'F'];
const SAYS_ERROR = /\b(?:error|fatal|cannot|can't|could not|failed|not set)\b|Error:/i;

interface LogEntry {
  level?: number;
  s?: string;
  msg?: string;
  err?: { message?: string };
  attr?: { error?: unknown };
}

const parsed = (line: string): LogEntry | null => {
  try {
    return line.startsWith('{') ? (JSON.parse(line) as LogEntry) : null;
  } catch {
    return null;
  }
};

/** The error of one line; undefined if it tells of none. */
const errorOf = (line: string): string | undefined => {
  const entry = parsed(line);
  if (entry === null) return SAYS_ERROR.test(line) ? line : undefined;
  const isError = (entry.level ?? 0) >= ERROR_LEVEL || MONGOD_ERRORS.includes(entry.s ?? '');
  if (!isError) return undefined;
  const detail = entry.err?.message?.split('\n')[0] ?? entry.attr?.error;
  return [entry.msg, ...(detail === undefined ? [] : [JSON.stringify(detail)])].join(': ');
};

/**
 * The first line that tells of an error: what follows it, such as a stack or Nest's advice, says less. The last lines of a log that
 * tells of none.
 */
export const errorInLog = (text: string): string => {
  const lines = text.trim().split('\n');
  const found = lines.map(errorOf).find((error) => error !== undefined);
  const shown = found === undefined ? lines.slice(-LAST_LINES) : [found];
  return shown.map((line) => line.trim().slice(0, MOST_CHARACTERS)).join(' / ');
};
