import { fetch } from '@commissary/stack/http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { stack } from './stack.js';

interface MediaType {
  schema?: unknown;
}
interface OpenApiAnswer {
  content?: Record<string, MediaType>;
}
interface OpenApiRoute {
  responses: Record<string, OpenApiAnswer>;
  security?: unknown[];
}
export interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, OpenApiRoute>>;
  components: { schemas: Record<string, unknown> };
}

export interface Given {
  method: string;
  /** With query. */
  path: string;
  status: number;
  contentType: string | null;
  text: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** What the gateway says of itself, and whether an answer is as it says. [EXT-1] */
export class Contract {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly templates: { template: string; pattern: RegExp }[];

  private constructor(readonly document: OpenApi) {
    addFormats.default(this.ajv);
    this.ajv.addSchema(document, 'openapi.json');
    this.templates = Object.keys(document.paths).map((template) => ({
      template,
      pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    }));
    // A path without parameters is meant rather than one with.
    this.templates.sort((a, b) => a.template.split('{').length - b.template.split('{').length);
  }

  static async read(): Promise<Contract> {
    const response = await fetch(`${stack().gatewayUrl}/openapi.json`);
    if (!response.ok) throw new Error(`/openapi.json answered ${response.status}`);
    return new Contract((await response.json()) as OpenApi);
  }

  /** `GET /v1/users/{id}`, ... as documented. */
  routes(): string[] {
    return Object.entries(this.document.paths).flatMap(([template, item]) =>
      METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${template}`),
    );
  }

  /** What is wrong with the answer; nothing for one as documented. */
  faults(given: Given): string[] {
    const route = this.templateOf(given);
    if (route === null) return [];
    // Any cached read may answer so; it has no body to be described.
    if (given.status === 304) return given.text === '' ? [] : ['304 has a body'];
    const answer = this.document.paths[route]?.[given.method.toLowerCase()]?.responses[given.status];
    if (!answer) return [`${given.status} is not documented for ${given.method} ${route}`];
    return this.bodyFaults(given, answer, [route, given.method.toLowerCase(), String(given.status)]);
  }

  private templateOf({ method, path }: Given): string | null {
    const bare = path.split('?')[0] ?? path;
    const found = this.templates.find(
      ({ template, pattern }) =>
        pattern.test(bare) && this.document.paths[template]?.[method.toLowerCase()] !== undefined,
    );
    return found?.template ?? null;
  }

  private bodyFaults(
    given: Given,
    answer: OpenApiAnswer,
    [route = '', method = '', status = '']: string[],
  ): string[] {
    const mediaType = given.contentType?.split(';')[0]?.trim() ?? '';
    if (!answer.content) return [];
    const described = answer.content[mediaType];
    if (!described) return [`${mediaType} is not documented for ${method} ${route} ${status}`];
    if (!mediaType.endsWith('json') || described.schema === undefined) return [];
    const steps = ['paths', route, method, 'responses', status, 'content', mediaType, 'schema'];
    const pointer = steps
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = this.validatorAt(`openapi.json#/${pointer}`);
    if (validate(JSON.parse(given.text))) return [];
    return (validate.errors ?? []).map(
      (error) => `${error.instancePath} ${error.message ?? ''} ${JSON.stringify(error.params)}`,
    );
  }

  private validatorAt($ref: string): ValidateFunction {
    const known = this.validators.get($ref);
    if (known) return known;
    const validate = this.ajv.compile({ $ref });
    this.validators.set($ref, validate);
    return validate;
  }
}

let reading: Promise<Contract> | undefined;

/** Read once per test file. */
export const contract = (): Promise<Contract> => (reading ??= Contract.read());
