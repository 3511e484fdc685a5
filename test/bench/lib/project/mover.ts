/** The mover: the worker of the queue `license-moves`. */
import type { OpenSide, StoreAddresses } from '../side-contract.js';
import { openOperations, type OperationTask } from './operation-side.js';

export const open = (at: StoreAddresses): Promise<OpenSide<OperationTask, void>> =>
  openOperations(at, 'license-moves', 'move');
