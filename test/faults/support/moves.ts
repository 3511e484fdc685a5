import type { OperationView } from '@commissary/contracts';
import { isEnded, type OperationStatus } from '@commissary/domain';
import type { OperationDocument } from '@commissary/store';
import { database } from '../../e2e/support/database.js';
import { eventually } from '../../e2e/support/eventually.js';
import type { FailpointSettings } from './service.js';
import { collectionsOf } from '../../support/driver.js';

const slowly = (insideMs: number, betweenMs: number): FailpointSettings => ({
  'move.moving': `delay:${insideMs}`,
  'move.chunk': `delay:${betweenMs}`,
  'move.tailMoving': `delay:${insideMs}`,
  'move.tailChunk': `delay:${betweenMs}`,
});

/** A chunk of each half in 0.9 s: a moment after one is soon inside the transaction of the next. */
export const SLOW_MOVE = slowly(600, 300);

/** A chunk of each half in 3.3 s: there is time for anything before the next one. */
export const VERY_SLOW_MOVE = slowly(300, 3_000);

export const handled = ({
  progress: { done, skipped, failed },
}: Pick<OperationView | OperationDocument, 'progress'>): number => done + skipped + failed;

export const operationNow = async (id: string): Promise<OperationDocument> => {
  const operation = await collectionsOf(await database()).operations.findOne({ _id: id });
  if (!operation) throw new Error(`${id} is not there`);
  return operation;
};

/** The operation as soon as it fits; MongoDB may be away meanwhile. */
const operationOnce = (
  id: string,
  what: string,
  fits: (operation: OperationDocument) => boolean,
  withinMs: number,
): Promise<OperationDocument> =>
  eventually(
    `${id} ${what}`,
    async () => {
      const operation = await operationNow(id).catch(() => null);
      return operation !== null && fits(operation) ? operation : undefined;
    },
    withinMs,
  );

/** Resolves with what was handled once it is more than before, or the operation has ended. */
export const beyond = async (id: string, before: number, withinMs = 60_000): Promise<number> => {
  const isBeyond = (operation: OperationDocument): boolean =>
    handled(operation) > before || isEnded(operation.status);
  return handled(await operationOnce(id, `comes further than ${before}`, isBeyond, withinMs));
};

export const onceStatus = (id: string, status: OperationStatus): Promise<OperationDocument> =>
  operationOnce(id, `is ${status}`, (operation) => operation.status === status, 60_000);

export const onceEnded = (id: string, withinMs = 60_000): Promise<OperationDocument> =>
  operationOnce(id, 'has ended', ({ status }) => isEnded(status), withinMs);

/** For a fault that is to meet a move under way: throws once it has ended. */
export const underWay = async (id: string): Promise<OperationDocument> => {
  const operation = await operationNow(id);
  if (isEnded(operation.status)) throw new Error(`${id} ended before its fault: make it longer`);
  return operation;
};
