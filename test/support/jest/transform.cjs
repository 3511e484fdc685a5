/**
 * Compiles TypeScript and ES modules to CommonJS with swc. Most of node_modules is CommonJS already and passes through
 * untouched, for compiling it would only cost time.
 */
const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { version: swcVersion } = require('@swc/core');
const { createTransformer } = require('@swc/jest');

const common = { sourceMaps: 'inline', swcrc: false };
const commonjs = { type: 'commonjs', ignoreDynamic: false };

const own = createTransformer({
  ...common,
  jsc: {
    parser: { syntax: 'typescript', tsx: true, decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, react: { runtime: 'automatic' } },
    keepClassNames: true,
  },
  module: commonjs,
});

const foreign = createTransformer({
  ...common,
  jsc: { parser: { syntax: 'ecmascript' }, keepClassNames: true },
  isModule: 'unknown',
  module: commonjs,
});

const moduleTypes = new Map();

/** The `type` of the package a folder lies in, as Node would see it. */
function moduleType(folder) {
  const known = moduleTypes.get(folder);
  if (known !== undefined) return known;
  const manifest = path.join(folder, 'package.json');
  const parent = path.dirname(folder);
  let type = 'commonjs';
  if (existsSync(manifest)) type = JSON.parse(readFileSync(manifest, 'utf8')).type ?? 'commonjs';
  else if (parent !== folder) type = moduleType(parent);
  moduleTypes.set(folder, type);
  return type;
}

function isCommonJs(file) {
  return file.endsWith('.cjs') || (file.endsWith('.js') && moduleType(path.dirname(file)) === 'commonjs');
}

const DYNAMIC_IMPORT = /(?<![.\w$])import\(/g;
const REQUIRE_AS_IMPORT = `
async function requireAsImport(id) {
  const loaded = require(id);
  return loaded?.__esModule ? loaded : { ...loaded, default: loaded };
}`;

/** Jest cannot run `import()` of a CommonJS file and swc keeps it, so it becomes a `require`. */
function withoutDynamicImport(source) {
  const code = source.replace(DYNAMIC_IMPORT, 'requireAsImport(');
  return { code: code === source ? source : code + REQUIRE_AS_IMPORT };
}

function compilerFor(file) {
  return file.includes('/node_modules/') ? foreign : own;
}

/** All that an output depends on beside its source: this file, and the compiler. */
const version = `${createHash('sha256').update(readFileSync(__filename)).digest('hex')} ${swcVersion}`;

module.exports = {
  process(source, file, options) {
    return isCommonJs(file) ? withoutDynamicImport(source) : compilerFor(file).process(source, file, options);
  },
  getCacheKey(source, file) {
    // The options of Jest that an output could depend on (coverage) are not used here, so that a short key is enough: Jest asks for
    // one for each of the two thousand modules that a test of the gateway loads.
    return createHash('sha1').update(version).update(file).update(source).digest('hex');
  },
};
