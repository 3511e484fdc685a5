import { OUTCOME_REASONS, type OutcomeReason, USER_OUTCOMES, type UserOutcome } from '@commissary/domain';
import { defineCollection } from '../schema/define-collection.js';
import { nullable, object, oneOf, required } from '../schema/fields.js';
import { RETENTION } from './retention.js';

/** The outcomes of one chunk of users: one document, for a row per user costs as much as the move itself. */
export interface OperationResultDocument {
  /** `{operationId}:{seq}` */
  _id: string;
  tenantId: string;
  operationId: string;
  seq: number;
  groups: { outcome: UserOutcome; reason: OutcomeReason | null; userIds: string[] }[];
  at: Date;
}

export const operationResults = defineCollection<OperationResultDocument>('operationResults', {
  owner: 'tenant',
  retention: { field: 'at', seconds: RETENTION.operations },
  fields: {
    _id: required(String),
    tenantId: required(String),
    operationId: required(String),
    seq: required(Number),
    groups: required([
      object<OperationResultDocument['groups'][number]>({
        outcome: required(oneOf(USER_OUTCOMES)),
        reason: nullable(oneOf(OUTCOME_REASONS)),
        userIds: required([String]),
      }),
    ]),
    at: required(Date),
  },
  indexes: [
    {
      key: { operationId: 1, seq: 1 },
      unique: true,
      serves: 'It lists the results of an operation in the order in which they were written. [MOV-5]',
    },
  ],
});
