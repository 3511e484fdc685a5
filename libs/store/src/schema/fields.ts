import { Schema } from 'mongoose';

/** What a field may hold: a mongoose type, a schema of its own, a list of either, or one of some words. */
export type FieldType =
  | typeof String
  | typeof Number
  | typeof Boolean
  | typeof Date
  | typeof Schema.Types.Mixed
  | Schema
  | [FieldType]
  | OneOf
  | Mixed;

interface OneOf {
  type: typeof String;
  enum: readonly string[];
}

/** An object whose shape mongoose does not know; `json` is what MongoDB checks of it. */
interface Mixed {
  type: typeof Schema.Types.Mixed;
  json: object;
}

/** A field's type, and whether the field may be null or absent. */
export interface Field {
  type: unknown;
  required?: true;
  /** The field may be null: `always` there, or only `whenPresent`. */
  nullable?: 'always' | 'whenPresent';
}

/** One field per member of the document, optional members included, so that none is forgotten. */
export type Fields<T> = { [K in keyof Required<T>]: Field };

const isOptions = (type: FieldType): type is OneOf | Mixed =>
  typeof type === 'object' && 'type' in type && !(type instanceof Schema);

const typed = (type: FieldType): { type: unknown } => (isOptions(type) ? type : { type });

/** The field is always there and never null. */
export const required = (type: FieldType): Field => ({ ...typed(type), required: true });

/** The field is always there and may be null. */
export const nullable = (type: FieldType): Field => ({ ...typed(type), ...NO_DEFAULT, nullable: 'always' });

/** The field may be absent and is never null. */
export const optional = (type: FieldType): Field => ({ ...typed(type), ...NO_DEFAULT });

/** The field may be absent, and may be null. */
export const optionalOrNull = (type: FieldType): Field => ({
  ...typed(type),
  ...NO_DEFAULT,
  nullable: 'whenPresent',
});

/** Otherwise mongoose makes an empty list of a list that is absent. */
const NO_DEFAULT = { default: undefined };

/** One of a list of words. */
export const oneOf = (words: readonly string[]): OneOf => ({ type: String, enum: words });

/** An object with any members. What it holds is checked by its zod schema in `libs/contracts` before it is written. */
export const anyObject = (): Mixed => ({ type: Schema.Types.Mixed, json: { bsonType: 'object' } });

/** An object with any member names, each value one of a list of words. */
export const recordOf = (words: readonly string[]): Mixed => ({
  type: Schema.Types.Mixed,
  json: { bsonType: 'object', additionalProperties: { enum: [...words] } },
});

/** Whatever JSON can say. */
export const anything = (): Mixed => ({ type: Schema.Types.Mixed, json: {} });

/** An object inside a document, with the same strictness as the document itself. */
export const object = <T>(fields: Fields<T>): Schema => {
  const definition: Record<string, Field> = fields;
  return new Schema(definition, { _id: false, id: false, strict: 'throw', minimize: false });
};
