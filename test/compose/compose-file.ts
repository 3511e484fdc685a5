import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/stack-process.js';

export interface ComposeService {
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
  healthcheck?: { test: string[] };
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  [name: `x-${string}`]: unknown;
}

/** The file as written, with its anchors and merges resolved. */
export function readComposeFile(): ComposeFile {
  return parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
}

/** Fills in `${NAME:-default}` and `${NAME:?message}` as Compose does; throws the message where a value is missing. */
export function interpolate<T>(value: T, variables: Record<string, string>): T {
  const text = JSON.stringify(value).replace(
    /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g,
    (_whole, name: string, operator: string | undefined, rest: string | undefined) => {
      const given = variables[name];
      if (given) return JSON.stringify(given).slice(1, -1);
      if (operator === '?') throw new Error(`${name}: ${rest ?? ''}`);
      return rest ?? '';
    },
  );
  return JSON.parse(text) as T;
}

/** The image's own health check, from the Dockerfile. */
export function imageHealthcheck(): string[] {
  const dockerfile = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').replace(/\\\n\s*/g, '');
  const found = /^HEALTHCHECK .*?CMD (\[.*\])$/m.exec(dockerfile)?.[1];
  if (!found) throw new Error('the Dockerfile has no HEALTHCHECK');
  return JSON.parse(found) as string[];
}
