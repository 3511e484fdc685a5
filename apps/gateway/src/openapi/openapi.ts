import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { PROBLEM_COMPONENT } from './answers.js';

const DESCRIPTION =
  'Self-service purchasing of seat-based software inside organizations, with admin control. ' +
  'Errors are `application/problem+json`; every POST that starts or creates something needs `Idempotency-Key`.';

const WITHOUT_TOKEN = [
  ['/v1/discovery', 'get'],
  ['/v1/provider-webhooks/stripe', 'post'],
  ['/healthz', 'get'],
  ['/readyz', 'get'],
] as const;

type Schemas = NonNullable<OpenAPIObject['components']>['schemas'];

/** zod's own JSON Schema, with named schemas as components. */
const jsonSchemaOf = (schema: unknown, io: 'input' | 'output') => {
  if (!(schema instanceof z.ZodType)) return undefined;
  const {
    $schema: _dialect,
    $defs,
    ...body
  } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema.id;
    },
  });
  return { schema: body, components: $defs ?? {} };
};

const createDocument = (app: NestFastifyApplication): OpenAPIObject => {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Commissary')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .addSecurityRequirements('bearer')
    .addGlobalParameters({
      in: 'header',
      name: 'Commissary-Tenant',
      required: false,
      description: 'Domain of the tenant to act in: for partners, support and operators',
      schema: { type: 'string' },
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: (schema, { schemaType }) => jsonSchemaOf(schema, schemaType),
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
  });
  const problem = jsonSchemaOf(PROBLEM_COMPONENT, 'output')?.components as Schemas;
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...problem },
  };
  for (const [path, method] of WITHOUT_TOKEN) {
    const route = document.paths[path]?.[method];
    if (route) route.security = [];
  }
  return document;
};

/** `/openapi.json`, and the same to read and try at `/docs`. Made when first asked for. [EXT-1] */
export const mountOpenApi = (app: NestFastifyApplication): void => {
  SwaggerModule.setup('docs', app, () => createDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Commissary API',
  });
};
