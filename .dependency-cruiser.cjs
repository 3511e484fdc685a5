/**
 * Who may import whom. Packages resolve to the `dist` folder of their workspace, so a path tells the room
 * whether it ends in `src` or in `dist`; build before cruising.
 */
const MAY_IMPORT = {
  'libs/domain': [],
  'libs/policies': ['libs/domain'],
  'libs/contracts': ['libs/domain'],
  'libs/platform': [],
  'libs/store': ['libs/domain', 'libs/contracts', 'libs/platform'],
  'libs/queue': ['libs/domain', 'libs/contracts', 'libs/platform'],
  'libs/payments': ['libs/domain', 'libs/contracts', 'libs/platform'],
  'libs/mail': ['libs/domain', 'libs/contracts', 'libs/platform'],
  'libs/audit': [
    'libs/domain',
    'libs/contracts',
    'libs/store',
    'libs/queue',
    'libs/payments',
    'libs/platform',
  ],
  'apps/gateway': [
    'libs/domain',
    'libs/policies',
    'libs/contracts',
    'libs/store',
    'libs/queue',
    'libs/payments',
    'libs/platform',
  ],
  'apps/worker': ['libs/[^/]+'],
};

const SPEC = '\\.spec\\.tsx?$';

const rooms = Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
  name: `room-${room.replace('/', '-')}`,
  comment: `${room} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other room'}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: '^(libs|apps|stack|test)/', pathNot: `^(${[room, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'room-unknown',
      comment: 'a new workspace needs its line in MAY_IMPORT',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: `^(${Object.keys(MAY_IMPORT).join('|')})/` },
      to: { path: '^(libs|apps|stack|test)/' },
    },
    {
      name: 'stack-imports-no-test',
      severity: 'error',
      from: { path: '^stack/' },
      to: { path: '^test/' },
    },
    {
      name: 'through-the-front-door',
      comment: 'another workspace is imported by its package name, not by a path into its sources',
      severity: 'error',
      from: { path: '^([^/]+/[^/]+)' },
      to: { path: '^(libs|apps|stack)/.*\\.tsx?$', pathNot: ['^$1/', '/dist/'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'a source that nothing imports and that imports nothing is forgotten',
      severity: 'error',
      from: { orphan: true, path: '^(libs|apps|stack)/', pathNot: [SPEC, '/(index|main)\\.ts$', '/dist/'] },
      to: {},
    },
    {
      name: 'no-import-of-specs',
      severity: 'error',
      from: {},
      to: { path: SPEC },
    },
    {
      name: 'pure-rooms',
      comment: 'domain and policies compute: no Node modules, no database, no queue',
      severity: 'error',
      from: { path: '^libs/(domain|policies)/', pathNot: SPEC },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: 'node_modules/temporal-polyfill/',
      },
    },
    {
      name: 'framework-free-libs',
      comment: 'only the apps know Nest, and libs/queue, which is its module of queues',
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/queue/' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    // Imports of types alone bind rooms together as well.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
