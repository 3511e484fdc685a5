/**
 * Two things Jest's own resolver does not know: `./x.js` of our sources means `./x.ts`, and a package that only
 * offers the `import` condition is loaded all the same (the transform has made it CommonJS).
 */
const { existsSync } = require('node:fs');
const path = require('node:path');

module.exports = (request, options) => {
  const own = !options.basedir.includes('/node_modules/') && !options.basedir.endsWith('/node_modules');
  if (own && request.startsWith('.') && request.endsWith('.js')) {
    const base = path.resolve(options.basedir, request.slice(0, -'.js'.length));
    for (const extension of ['.ts', '.tsx']) if (existsSync(base + extension)) return base + extension;
  }
  try {
    return options.defaultResolver(request, options);
  } catch (error) {
    const conditions = (options.conditions ?? []).map((name) => (name === 'require' ? 'import' : name));
    try {
      return options.defaultResolver(request, { ...options, conditions });
    } catch {
      throw error;
    }
  }
};
