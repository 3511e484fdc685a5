/** What every naive way of moving is told. */
export interface NaiveMoveTask {
  tenantId: string;
  operationId: string;
  sourceId: string;
  targetId: string;
  userIds: string[];
}
