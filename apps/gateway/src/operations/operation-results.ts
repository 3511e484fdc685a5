import { Injectable } from '@nestjs/common';
import type { ListView, ResultsQuery, UserOutcomeView } from '@commissary/contracts';
import type { UserOutcome } from '@commissary/domain';
import {
  Database,
  type OperationDocument,
  type OutcomeRow,
  readOutcomes,
  UsersRepository,
} from '@commissary/store';
import type { CsvCell } from '../http/csv.js';
import { decodeCursor, encodeCursor } from '../http/paging.js';
import { invalidRequest } from '../http/problems.js';

/** Rows whose e-mail addresses are looked up together. */
const BATCH = 500;

/** Of the CSV file, in their order. */
export const RESULT_COLUMNS = ['userId', 'email', 'outcome', 'reason'] as const;

type Operation = Pick<OperationDocument, '_id' | 'tenantId'>;

/** Outcomes per user, with the addresses the directory knows. */
@Injectable()
export class OperationResults {
  constructor(
    private readonly database: Database,
    private readonly users: UsersRepository,
  ) {}

  async page(operation: Operation, query: ResultsQuery): Promise<ListView<UserOutcomeView>> {
    const rows: OutcomeRow[] = [];
    const after = query.cursor === undefined ? undefined : placeOf(query.cursor);
    const filter = { outcome: query.outcome, ...(after && { after }) };
    for await (const row of readOutcomes(this.database, operation.tenantId, operation._id, filter)) {
      if (rows.push(row) > query.limit) break;
    }
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    const more = rows.length > query.limit && last;
    return {
      items: await this.views(operation, shown),
      nextCursor: more ? encodeCursor(`${last.seq}:${last.offset}`) : null,
    };
  }

  /** All of them, in batches of cells. */
  async *rows(operation: Operation, outcome: UserOutcome | undefined): AsyncGenerator<CsvCell[][]> {
    let batch: OutcomeRow[] = [];
    for await (const row of readOutcomes(this.database, operation.tenantId, operation._id, { outcome })) {
      if (batch.push(row) < BATCH) continue;
      yield await this.cells(operation, batch);
      batch = [];
    }
    yield await this.cells(operation, batch);
  }

  private async cells(operation: Operation, rows: readonly OutcomeRow[]): Promise<CsvCell[][]> {
    const views = await this.views(operation, rows);
    return views.map((view) => [view.userId, view.email, view.outcome, view.reason]);
  }

  private async views(operation: Operation, rows: readonly OutcomeRow[]): Promise<UserOutcomeView[]> {
    const emails = await this.users.emailsOf(
      operation.tenantId,
      rows.map((row) => row.userId),
    );
    return rows.map(({ userId, outcome, reason }) => ({
      userId,
      email: emails.get(userId) ?? null,
      outcome,
      reason,
    }));
  }
}

const placeOf = (cursor: string): Pick<OutcomeRow, 'seq' | 'offset'> => {
  const place = /^(\d{1,9}):(\d{1,9})$/.exec(decodeCursor(cursor));
  if (!place) throw invalidRequest('/cursor', 'cursor', 'This is not a cursor of this list');
  return { seq: Number(place[1]), offset: Number(place[2]) };
};
