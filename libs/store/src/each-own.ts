import type { Document } from 'mongodb';

/** For a pipeline that updates many documents at once: the value at the place that the document's id has among these. */
export const eachOwn = (ids: readonly string[], values: readonly unknown[]): Document => ({
  $arrayElemAt: [{ $literal: values }, { $indexOfArray: [{ $literal: ids }, '$_id'] }],
});
