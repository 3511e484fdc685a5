import type { mongo } from 'mongoose';

/** For a pipeline that updates many documents at once: the value at the place that the document's id has among these. */
export const eachOwn = (ids: readonly string[], values: readonly unknown[]): mongo.Document => ({
  $arrayElemAt: [{ $literal: values }, { $indexOfArray: [{ $literal: ids }, '$_id'] }],
});
