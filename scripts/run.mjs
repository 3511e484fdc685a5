/**
 * Behind `npm run demo`, `npm start`, `npm test` and the others: works on a bare clone, needs nothing but Node.
 * This file is kept to what even an old Node can read, so that it can say that it is too old.
 */
const MINIMUM = [20, 19];
const version = process.versions.node.split('.').map(Number);

if (version[0] < MINIMUM[0] || (version[0] === MINIMUM[0] && version[1] < MINIMUM[1])) {
  console.error(
    `Node ${process.versions.node} is too old: install Node ${MINIMUM.join('.')} or later from https://nodejs.org.`,
  );
  process.exit(1);
} else {
  import('./bootstrap.mjs').then((bootstrap) => bootstrap.main(process.argv[2], process.argv.slice(3)));
}
