import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(__dirname, '../..');
const LIBS = [
  'domain',
  'policies',
  'contracts',
  'platform',
  'store',
  'queue',
  'payments',
  'mail',
  'audit',
  'extra',
];
const WORKSPACES = [...LIBS.map((name) => `libs/${name}`), 'apps/gateway', 'apps/worker', 'stack', 'test'];

/** Each import breaks the rule it stands beside; the tree that holds them all breaks nothing else. */
const FORBIDDEN: [file: string, imported: string, rule: string][] = [
  ['libs/domain/src/a.ts', '@commissary/contracts', 'room-libs-domain'],
  ['libs/policies/src/a.ts', '@commissary/store', 'room-libs-policies'],
  ['libs/contracts/src/a.ts', '@commissary/platform', 'room-libs-contracts'],
  ['libs/platform/src/a.ts', '@commissary/domain', 'room-libs-platform'],
  ['libs/store/src/a.ts', '@commissary/policies', 'room-libs-store'],
  ['libs/queue/src/a.ts', '@commissary/store', 'room-libs-queue'],
  ['libs/payments/src/a.ts', '@commissary/store', 'room-libs-payments'],
  ['libs/mail/src/a.ts', '@commissary/store', 'room-libs-mail'],
  ['libs/audit/src/a.ts', '@commissary/mail', 'room-libs-audit'],
  ['libs/store/src/b.ts', '@commissary/worker', 'room-libs-store'],
  ['apps/gateway/src/a.ts', '@commissary/mail', 'room-apps-gateway'],
  ['apps/gateway/src/b.ts', '@commissary/worker', 'room-apps-gateway'],
  ['apps/worker/src/a.ts', '@commissary/gateway', 'room-apps-worker'],
  ['apps/worker/src/b.ts', '@commissary/stack', 'room-apps-worker'],
  ['apps/worker/src/c.ts', '@commissary/test', 'room-apps-worker'],
  ['libs/extra/src/a.ts', '@commissary/domain', 'room-unknown'],
  ['stack/src/a.ts', '@commissary/test', 'stack-imports-no-test'],
  ['stack/src/b.ts', '../../libs/store/src/index.js', 'through-the-front-door'],
  ['test/a.ts', '../apps/worker/src/index.js', 'through-the-front-door'],
  ['libs/store/src/c.ts', './c.js', 'no-cycles'],
  ['libs/store/src/d.ts', './d.spec.js', 'no-import-of-specs'],
  ['libs/domain/src/b.ts', 'node:fs', 'pure-rooms'],
  ['libs/policies/src/b.ts', 'mongodb', 'pure-rooms'],
  ['libs/store/src/e.ts', '@nestjs/common', 'framework-free-libs'],
  ['libs/queue/src/c.ts', './missing.js', 'no-unresolved'],
];

const ALLOWED: [file: string, imported: string][] = [
  ['libs/policies/src/ok.ts', '@commissary/domain'],
  ['libs/domain/src/ok.ts', 'temporal-polyfill'],
  ['libs/audit/src/ok.ts', '@commissary/store'],
  ['libs/queue/src/ok.ts', '@nestjs/common'],
  ['apps/worker/src/ok.ts', '@commissary/mail'],
  ['stack/src/ok.ts', '@commissary/worker'],
  ['test/ok.ts', '@commissary/stack'],
  ['libs/store/src/ok.spec.ts', '@jest/globals'],
];

interface Violation {
  from: string;
  rule: { name: string };
}

describe('import rules', () => {
  const tree = mkdtempSync(path.join(tmpdir(), 'commissary-rooms-'));
  let violations: string[] = [];

  beforeAll(() => {
    buildTree(tree);
    violations = cruise(tree);
  });
  afterAll(() => {
    rmSync(tree, { recursive: true, force: true });
  });

  it.each(FORBIDDEN)('%s may not import %s (%s)', (file, _imported, rule) => {
    expect(violations).toContain(`${file} ${rule}`);
  });

  it('finds a source that nothing uses', () => {
    expect(violations).toContain('libs/store/src/forgotten.ts no-orphans');
  });

  it('finds nothing else', () => {
    const planted = [
      ...FORBIDDEN.map(([file, , rule]) => `${file} ${rule}`),
      'libs/store/src/forgotten.ts no-orphans',
    ];
    expect(violations.filter((violation) => !planted.includes(violation))).toEqual([]);
  });
});

function buildTree(tree: string): void {
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    writeFileSync(path.join(tree, file), text);
  };
  const link = (name: string, target: string): void => {
    mkdirSync(path.dirname(path.join(tree, 'node_modules', name)), { recursive: true });
    symlinkSync(target, path.join(tree, 'node_modules', name));
  };
  for (const workspace of WORKSPACES) {
    const name = `@commissary/${path.basename(workspace)}`;
    const exported = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
    write(`${workspace}/package.json`, JSON.stringify({ name, type: 'module', exports: exported }));
    write(`${workspace}/dist/index.js`, 'export const value = 1;\n');
    write(`${workspace}/src/index.ts`, 'export const value = 1;\n');
    link(name, path.join(tree, workspace));
  }
  for (const name of ['mongodb', '@nestjs/common', '@jest/globals', 'temporal-polyfill']) {
    link(name, path.join(ROOT, 'node_modules', name));
  }
  for (const [file, imported] of [...FORBIDDEN, ...ALLOWED]) write(file, `import '${imported}';\n`);
  write('libs/store/src/d.spec.ts', `import '@jest/globals';\n`);
  write('libs/store/src/forgotten.ts', 'export const value = 1;\n');
}

function cruise(tree: string): string[] {
  const config = path.join(ROOT, '.dependency-cruiser.cjs');
  const bin = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const roots = WORKSPACES.map((workspace) => (workspace === 'test' ? workspace : `${workspace}/src`));
  const run = spawnSync(process.execPath, [bin, '--config', config, '--output-type', 'json', ...roots], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const report = JSON.parse(run.stdout) as { summary: { violations: Violation[] } };
  return report.summary.violations.map(({ from, rule }) => `${from} ${rule.name}`);
}
