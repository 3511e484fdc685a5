export { REDIS_SERVER } from './binaries/program.js';
export { resolveProgram } from './binaries/resolve-program.js';
export { StackError } from './stack-error.js';
export { defaultRunDir, ROOT } from './paths.js';
export { HOST, Ports } from './supervisor/ports.js';
export { readStackFile, type StackAddresses, type StackFile } from './supervisor/stack-file.js';
export { WORKER_FLAGS } from './supervisor/services.js';
export { type RunningStack, type StackOptions, startStack } from './supervisor/start-stack.js';
