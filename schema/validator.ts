/** A validator that ajv compiled ahead of time: true, or false and `errors` says everything that is wrong. */
export interface Validator {
  (value: unknown): boolean
  readonly errors?: readonly SchemaError[] | null
}

/**
 * One way in which a value is not what its schema asks for.
 * `instancePath` is a JSON pointer into the value; `schemaPath` one into the schema, from the nearest definition on.
 */
export type SchemaError = Failure & {
  readonly instancePath: string
  readonly schemaPath: string
  /** Set where a key of the object at `instancePath` is wrong, not a value. */
  readonly propertyName?: string
}

/** The keyword that failed, and what ajv says of it. See https://ajv.js.org/api.html#error-parameters */
type Failure =
  | Keyword<'additionalProperties', { readonly additionalProperty: string }>
  | Keyword<'const', { readonly allowedValue: unknown }>
  | Keyword<'contains', { readonly minContains: number }>
  | Keyword<'dependencies', { readonly property: string; readonly missingProperty: string }>
  | Keyword<'enum', { readonly allowedValues: readonly unknown[] }>
  | Keyword<'if', { readonly failingKeyword: 'then' | 'else' }>
  | Keyword<'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum', { readonly limit: number }>
  | Keyword<'minItems' | 'maxItems' | 'minLength' | 'maxLength', { readonly limit: number }>
  | Keyword<'minProperties' | 'maxProperties', { readonly limit: number }>
  | Keyword<'multipleOf', { readonly multipleOf: number }>
  | Keyword<'oneOf', { readonly passingSchemas: readonly [number, number] | null }>
  | Keyword<'pattern', { readonly pattern: string }>
  | Keyword<'propertyNames', { readonly propertyName: string }>
  | Keyword<'required', { readonly missingProperty: string }>
  | Keyword<'type', { readonly type: string | readonly string[] }>
  | Keyword<'uniqueItems', { readonly i: number; readonly j: number }>
  | Keyword<'anyOf' | 'false schema' | 'not', object>

interface Keyword<Name extends string, Params> {
  readonly keyword: Name
  readonly params: Params
}
