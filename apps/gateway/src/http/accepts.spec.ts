import accepts from '@fastify/accepts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { acceptsCsv, prefersHtml } from './accepts.js';

const fastify = Fastify();

beforeAll(async () => {
  await fastify.register(accepts);
  fastify.get('/', async (request) => ({ html: prefersHtml(request), csv: acceptsCsv(request) }));
});

afterAll(() => fastify.close());

const asked = async (accept: string | undefined): Promise<{ html: boolean; csv: boolean }> =>
  (await fastify.inject({ url: '/', headers: accept === undefined ? {} : { accept } })).json();

describe('what a client accepts', () => {
  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['text/html', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['application/json, text/html;q=0.5', false],
  ])('[OWN-4] Accept: %s asks for a page: %s', async (accept, html) => {
    expect((await asked(accept)).html).toBe(html);
  });

  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['text/csv', true],
    ['application/json, text/csv', true],
    ['text/csv;charset=utf-8, */*;q=0.1', true],
  ])('[MOV-5] Accept: %s asks for a CSV file: %s', async (accept, csv) => {
    expect((await asked(accept)).csv).toBe(csv);
  });
});
