import type { Schema, SchemaType } from 'mongoose';

/** A `$jsonSchema` document, as far as it is made here. */
export interface JsonSchema {
  bsonType?: string | string[];
  required?: string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  enum?: unknown[];
}

/** The members of a schema type that tell of its contents. */
interface Contents {
  /** Of an object, and of a list of objects. */
  schema?: Schema;
  embeddedSchemaType?: SchemaType;
}

/**
 * The validator that MongoDB itself checks each write with, made from a mongoose schema. Mongoose's own
 * `toJSONSchema` lets every field that is not required be null or absent and allows members that it does not know; here a field
 * is null only where it is `nullable`, absent only where it is `optional`, and an unknown member is refused.
 */
export const jsonSchemaOf = (schema: Schema): JsonSchema =>
  strictOf(schema, schema.toJSONSchema({ useBsonType: true }) as JsonSchema);

const strictOf = (schema: Schema, json: JsonSchema): JsonSchema => {
  const properties = { ...json.properties };
  const required = new Set(json.required);
  schema.eachPath((path, type) => {
    if (type.options['nullable'] === 'always') required.add(path);
    properties[path] = ofType(type, properties[path] ?? {});
  });
  return {
    ...json,
    ...(required.size > 0 && { required: [...required] }),
    properties,
    additionalProperties: false,
  };
};

const ofType = (type: SchemaType, json: JsonSchema): JsonSchema => {
  const options = type.options as { json?: JsonSchema; nullable?: string };
  if (options.json) return options.nullable ? orNull(options.json) : options.json;
  const known = options.nullable ? json : neverNull(json);
  const { schema, embeddedSchemaType } = type as unknown as Contents;
  if (type.instance === 'Array' && known.items) {
    const items = neverNull(known.items);
    const inner = schema ?? (embeddedSchemaType as Contents | undefined)?.schema;
    return { ...known, items: inner ? strictOf(inner, items) : items };
  }
  return schema ? strictOf(schema, known) : known;
};

const neverNull = (json: JsonSchema): JsonSchema => ({
  ...json,
  ...(Array.isArray(json.bsonType) && { bsonType: json.bsonType.filter((type) => type !== 'null')[0] ?? [] }),
  ...(json.enum && { enum: json.enum.filter((value) => value !== null) }),
});

const orNull = ({ bsonType, ...json }: JsonSchema): JsonSchema => ({
  ...json,
  ...(bsonType !== undefined && { bsonType: [bsonType, 'null'].flat() }),
});
