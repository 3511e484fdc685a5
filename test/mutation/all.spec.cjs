/** Every spec of the mutated code as one file, so that Jest loads each module once for a mutant and not once for each spec. */
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { it } = require('@jest/globals');
const fc = require('fast-check');

// A property that does not fail within so few runs hardly ever tells a mutant from the real code.
fc.configureGlobal({ numRuns: 30 });

/** A spec that a mutant keeps from loading fails as a test does; else Stryker would count an error and no killed mutant. */
const load = (spec) => {
  try {
    require(spec);
  } catch (error) {
    it(`${path.basename(spec)} loads`, () => {
      throw error;
    });
  }
};

for (const room of ['domain', 'policies']) {
  const folder = path.join(__dirname, '../../libs', room, 'src');
  for (const name of readdirSync(folder)) if (name.endsWith('.spec.ts')) load(path.join(folder, name));
}
