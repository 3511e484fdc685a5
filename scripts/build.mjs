/** `tsc -b`, if a source has changed since it last went well. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Failure, ROOT, runChild, say } from './process.mjs';

const STAMP = path.join(ROOT, 'node_modules', '.cache', 'commissary', 'build');

const projects = () => {
  const { references } = JSON.parse(readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8'));
  return references.map((reference) => path.join(ROOT, reference.path));
};

const sourcesOf = (project) => {
  const src = path.join(project, 'src');
  const files = readdirSync(src, { recursive: true }).filter(
    (name) => /\.tsx?$/.test(name) && !/\.spec\.tsx?$/.test(name),
  );
  return [
    ...files.map((name) => path.join(src, name)),
    path.join(project, 'tsconfig.json'),
    path.join(project, 'package.json'),
  ];
};

/** Names, sizes and times of all that the build reads; cheaper than asking the compiler. */
const fingerprint = () => {
  const hash = createHash('sha256');
  const shared = ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json'].map((name) =>
    path.join(ROOT, name),
  );
  for (const file of [...shared, ...projects().flatMap(sourcesOf)].sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
};

const isBuilt = (current) =>
  existsSync(STAMP) &&
  readFileSync(STAMP, 'utf8') === current &&
  projects().every((project) => existsSync(buildInfoOf(project)));

const buildInfoOf = (project) => path.join(project, 'dist', '.tsbuildinfo');

/** The compiler trusts times; a source that changed but looks old (copied, unpacked) would be missed. So it compares contents. */
const distrustTimes = () => {
  for (const file of projects().map(buildInfoOf)) if (existsSync(file)) utimesSync(file, 0, 0);
};

const compile = async (signal, ...what) => {
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await runChild(process.execPath, [tsc, '-b', ...what], { abort: signal });
  if (code === 0) return;
  if (/ENOSPC/.test(output))
    throw new Failure('The build failed, for the disk is full: make room and run it again.');
  throw new Failure(`${output.trim()}\nThe build failed: mend what the compiler names above.`);
};

/** The benchmarks or the chaos runner, which nothing else needs; after `build`. */
export const buildTests = (signal, name) => compile(signal, path.join('test', name));

export const build = async (signal) => {
  const current = fingerprint();
  if (isBuilt(current)) return;
  say('Building what changed (tsc -b)');
  distrustTimes();
  await compile(signal);
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, current);
};
