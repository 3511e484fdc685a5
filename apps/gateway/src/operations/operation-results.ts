import { Injectable } from '@nestjs/common';
import type { ResultsQuery, UserOutcomeListView, UserOutcomeView } from '@commissary/contracts';
import type { UserOutcome } from '@commissary/domain';
import {
  Database,
  furthestPlaces,
  type OperationDocument,
  type OutcomePlace,
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

  /**
   * While the operation runs its outcomes become more: `endCursor` goes on behind this page, also behind the last one there is
   * now, so that whoever pages on sees each user once.
   */
  async page(operation: Operation, query: ResultsQuery): Promise<UserOutcomeListView> {
    const rows: OutcomeRow[] = [];
    const after = query.cursor === undefined ? [] : placesOf(query.cursor);
    const filter = { outcome: query.outcome, after };
    for await (const row of readOutcomes(this.database, operation.tenantId, operation._id, filter)) {
      if (rows.push(row) > query.limit) break;
    }
    const shown = rows.slice(0, query.limit);
    const places = furthestPlaces(after, shown);
    const endCursor = places.length > 0 ? cursorOf(places) : null;
    return {
      items: await this.views(operation, shown),
      nextCursor: rows.length > query.limit ? endCursor : null,
      endCursor,
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

/** `0:17.100000003:5`: of each half that was read of, the chunk and the place in it. */
const cursorOf = (places: readonly OutcomePlace[]): string =>
  encodeCursor(places.map(({ seq, offset }) => `${seq}:${offset}`).join('.'));

const placesOf = (cursor: string): OutcomePlace[] => {
  const text = decodeCursor(cursor);
  if (!/^\d{1,9}:\d{1,9}(\.\d{1,9}:\d{1,9})?$/.test(text)) {
    throw invalidRequest('/cursor', 'cursor', 'This is not a cursor of this list');
  }
  return text.split('.').map((place) => {
    const [seq, offset] = place.split(':').map(Number) as [number, number];
    return { seq, offset };
  });
};
