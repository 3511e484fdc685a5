import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import {
  idText,
  invoiceListQuery,
  type InvoiceListQuery,
  invoiceListSchema,
  type InvoicePaymentBody,
  invoicePaymentSchema,
  invoiceSchema,
  type InvoiceView,
  type ListView,
  operationSchema,
  type OperationView,
} from '@commissary/contracts';
import {
  type InvoiceDocument,
  InvoicesRepository,
  SubscriptionsRepository,
  UsersRepository,
} from '@commissary/store';
import type { FastifyReply } from 'fastify';
import { Requires } from '../auth/access.decorators.js';
import { PrefersHtml } from '../http/accepts.js';
import type { Answer } from '../http/answer.js';
import { pageOf, toList } from '../http/paging.js';
import { Caller, type RequestContext } from '../http/request-context.js';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { type IdempotentRequest, Keyed } from '../idempotency/idempotent-request.js';
import { Answers } from '../openapi/answers.js';
import { InvoicePayments } from './invoice-payments.service.js';
import { invoicePage } from './invoice.page.js';
import { invoiceView } from './invoice.view.js';
import { payBy } from './pay-by.js';

/** Bills: one's own, and for who sees every subscription the tenant's. [OWN-4, ADM-1] */
@Controller('v1/invoices')
@Requires('invoices.readOwn', 'subscriptions.readAll')
export class InvoicesController {
  constructor(
    private readonly invoices: InvoicesRepository,
    private readonly payments: InvoicePayments,
    private readonly users: UsersRepository,
    private readonly subscriptions: SubscriptionsRepository,
  ) {}

  @Get()
  @Answers(200, invoiceListSchema)
  async list(
    @Caller() ctx: RequestContext,
    @Query({ schema: invoiceListQuery }) query: InvoiceListQuery,
  ): Promise<ListView<InvoiceView>> {
    const { status } = query;
    const rows = await this.invoices.list(ctx.tenantId, { userId: whose(ctx), status }, pageOf(query));
    return toList(rows, query, invoiceView);
  }

  /** One bill; with `Accept: text/html` a page to print. */
  @Get(':id')
  @ApiProduces('application/json', 'text/html')
  @Answers(200, invoiceSchema, 404)
  async one(
    @Caller() ctx: RequestContext,
    @Param('id', { schema: idText }) id: string,
    @PrefersHtml() asPage: boolean,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InvoiceView | string> {
    const invoice = await this.invoices.get(ctx.tenantId, whose(ctx), id);
    void reply.header('vary', 'Accept');
    if (!asPage) return invoiceView(invoice);
    const purchaser = await this.users.find(ctx.tenantId, invoice.userId);
    void reply
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .type('text/html; charset=utf-8');
    return invoicePage(invoice, {
      tenant: ctx.tenant,
      purchaser,
      payBy: invoice.status === 'open' ? await this.payBy(invoice) : null,
    });
  }

  /** Pays an open bill of one's own by card. */
  @Post(':id/pay')
  @Requires('purchase.create')
  @Idempotent()
  @Answers(202, operationSchema, 404, 409, 413, 415, 422)
  pay(
    @Caller() ctx: RequestContext,
    @Keyed() keyed: IdempotentRequest,
    @Param('id', { schema: idText }) id: string,
    @Body({ schema: invoicePaymentSchema }) body: InvoicePaymentBody,
  ): Promise<Answer<OperationView>> {
    return this.payments.accept(ctx, keyed, id, body);
  }

  private async payBy({ tenantId, subscriptionId }: InvoiceDocument): Promise<Date | null> {
    return payBy(await this.subscriptions.get(tenantId, subscriptionId));
  }
}

/** Null: everybody's in the tenant. */
const whose = (ctx: RequestContext): string | null =>
  ctx.permissions.has('subscriptions.readAll') ? null : ctx.user._id;
