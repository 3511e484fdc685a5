import { Injectable } from '@nestjs/common';
import type { ListView, PageQuery, PolicyChangeView } from '@commissary/contracts';
import { notFound } from '@commissary/domain';
import {
  CatalogRepository,
  PoliciesRepository,
  type PolicyChangeDocument,
  PolicyHistoryRepository,
} from '@commissary/store';
import type { Answer } from '../http/answer.js';
import { pageOf, toList } from '../http/paging.js';
import { invalidRequest } from '../http/problems.js';
import type { RequestContext } from '../http/request-context.js';
import type { IdempotentRequest } from '../idempotency/idempotent-request.js';
import { AcceptService } from '../operations/accept.service.js';
import { policyChangeView } from './policy.view.js';
import { PolicySettingsService } from './policy-settings.service.js';

/** The versions of the tenant's policy, and the way back to one of them. [POL-7] */
@Injectable()
export class PolicyHistoryService {
  constructor(
    private readonly catalog: CatalogRepository,
    private readonly policies: PoliciesRepository,
    private readonly history: PolicyHistoryRepository,
    private readonly settings: PolicySettingsService,
    private readonly accepts: AcceptService,
  ) {}

  /** Newest first, with the version the policy is at. */
  async list(
    ctx: RequestContext,
    query: PageQuery,
  ): Promise<{ list: ListView<PolicyChangeView>; version: number }> {
    const { limit, after } = pageOf(query);
    const before = after === undefined ? null : versionOf(after);
    if (Number.isNaN(before)) throw invalidRequest('/cursor', 'cursor', 'This is not a cursor of this list');
    // The policy first: a change in between makes the ETag too old, never too new.
    const { version } = await this.policies.of(ctx.tenantId);
    const [catalog, rows] = await Promise.all([
      this.catalog.current(),
      this.history.list(ctx.tenantId, { before, limit }),
    ]);
    const view = (row: PolicyChangeDocument) => policyChangeView(row, catalog);
    return { list: toList(rows, query, view, (row) => String(row.version)), version };
  }

  /**
   * Sets everything, default and products, back to how it stood at `version`, as a new version; 0 is the policy before its
   * first change. Answers the version then in force: the one made, or the newest one where all stands so already.
   * Throws `not_found` for a version there never was, and `stale`.
   */
  revert(
    ctx: RequestContext,
    keyed: IdempotentRequest,
    version: string,
    expectedVersion: number | null,
  ): Promise<Answer<PolicyChangeView>> {
    return this.accepts.create(
      keyed,
      null,
      async (session, now, state) => {
        const wanted = { expectedVersion, to: () => state, revertedTo: versionOf(version) };
        const { policy, change } = await this.settings.changeIn(session, ctx, wanted, now);
        const inForce = change ?? (await this.history.version(ctx.tenantId, policy.version, session));
        if (!inForce) throw new Error(`the policy of ${ctx.tenantId} has lost its version ${policy.version}`);
        const catalog = await this.catalog.current();
        return { id: inForce._id, body: policyChangeView(inForce, catalog), status: 200 as const };
      },
      async () => {
        const number = versionOf(version);
        const state = Number.isNaN(number) ? null : await this.history.stateAt(ctx.tenantId, number);
        if (!state) throw notFound();
        return state;
      },
    );
  }
}

/** NaN for what is no number of a version. */
const versionOf = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN);
