import * as validators from './generated/target-validators.mjs'
import { type BodyByKind, manifestForms, targetKinds } from './generated/targets.ts'
import { isRecord } from './json-schema.ts'
import type { SchemaError, Validator } from './validator.ts'

// The module of validators as a record, so that a kind without one does not compile.
const validatorByKind: Readonly<Record<TargetKind, Validator>> = validators

/** The kind of a manifest, or the values of a Helm chart. */
export type TargetKind = keyof BodyByKind
export { targetKinds }

/** A part of a spec, or of a manifest, that its target schema refuses. */
export interface Violation {
  /** The keys of the way to the part. */
  readonly path: readonly string[]
  /** The fault in words, which follow the name of the part: `must be a list`. */
  readonly fault: string
  /** The field of the part that the schema does not have, where that is the fault. */
  readonly unknownField?: string
}

/** Writes a violation: "VirtualService/http/0: unknown field `rout`". `root`: the name of what the path begins at. */
export const printViolation = (root: string, { path, fault }: Violation): string =>
  `${[root, ...path].join('/')}: ${fault}`

/** Makes the violation of a part that has a field which the schema does not have. */
export const makeUnknownField = (path: readonly string[], field: string): Violation => ({
  path,
  fault: `unknown field \`${field}\``,
  unknownField: field,
})

/**
 * Lists what keeps a spec (or the fields, or the values: see `BodyByKind`) from being what its target schema asks for.
 */
export function listViolations(kind: TargetKind, spec: unknown): readonly Violation[] {
  return listSchemaViolations(validatorByKind[kind], spec, [])
}

/** Lists the same of a spec, each violation in words that begin with the kind. */
export const printViolations = (kind: TargetKind, spec: unknown): readonly string[] =>
  listViolations(kind, spec).map(violation => printViolation(kind, violation))

/**
 * Lists the same of a whole manifest of a kind that meshc writes: its apiVersion fits, its metadata and spec conform.
 */
export function listManifestViolations(
  kind: ManifestKind,
  manifest: Readonly<Record<string, unknown>>,
): readonly Violation[] {
  const { apiVersion, kind: _, metadata, ...rest } = manifest
  const form = manifestForms[kind]
  const { spec, ...others } = rest
  const unknown = form.body === 'spec' ? Object.keys(others) : []
  return [
    ...(apiVersion === form.apiVersion
      ? []
      : [{ path: ['apiVersion'], fault: `must be ${quoteValue(form.apiVersion)}` }]),
    ...unknown.map(field => makeUnknownField([], field)),
    ...metadataViolations(kind, metadata),
    ...listViolations(kind, form.body === 'spec' ? spec : rest),
  ]
}

/** Lists the same of any value that should be a manifest, each violation in words. */
export function findManifestViolations(manifest: unknown): readonly string[] {
  if (!isRecord(manifest)) return ['a manifest must be an object']
  const { kind } = manifest
  if (!isManifestKind(kind)) return [`no target schema is for the kind ${quoteValue(kind)}`]
  return listManifestViolations(kind, manifest).map(violation => printViolation(kind, violation))
}

export type ManifestKind = keyof typeof manifestForms

export function isManifestKind(kind: unknown): kind is ManifestKind {
  return typeof kind === 'string' && Object.hasOwn(manifestForms, kind)
}

function metadataViolations(kind: ManifestKind, metadata: unknown): readonly Violation[] {
  const { scope } = manifestForms[kind]
  if (scope === 'File') return metadata === undefined ? [] : [makeUnknownField([], 'metadata')]
  const hasNamespace = isRecord(metadata) && metadata['namespace'] !== undefined
  return [
    ...listSchemaViolations(validators.Metadata, metadata, ['metadata']),
    ...(scope === 'Namespaced' && !hasNamespace
      ? [{ path: ['metadata'], fault: 'must have `namespace`' }]
      : []),
    ...(scope === 'Cluster' && hasNamespace ? [makeUnknownField(['metadata'], 'namespace')] : []),
  ]
}

/** @param around the keys of the way to the value */
function listSchemaViolations(
  validate: Validator,
  value: unknown,
  around: readonly string[],
): readonly Violation[] {
  if (validate(value)) return []
  const errors = validate.errors ?? []
  return errors
    .filter(error => !isPartOfAnother(error, errors))
    .map(error => ({
      path: [...around, ...readPointer(error.instancePath)],
      fault: describeError(error, errors),
      ...(error.keyword === 'additionalProperties' && { unknownField: error.params.additionalProperty }),
    }))
}

/** The keys of a JSON pointer. See https://www.rfc-editor.org/rfc/rfc6901 */
const readPointer = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Tells whether another error describes a fault better: one for a whole `anyOf`, or one behind an `if` or a name. */
function isPartOfAnother(error: SchemaError, errors: readonly SchemaError[]): boolean {
  if (error.keyword === 'if' || error.keyword === 'propertyNames') return true
  return errors.some(whole => whole.keyword === 'anyOf' && isErrorWithin(error, whole))
}

function isErrorWithin(part: SchemaError, whole: SchemaError): boolean {
  return (
    part.instancePath.startsWith(whole.instancePath) && part.schemaPath.startsWith(`${whole.schemaPath}/`)
  )
}

/** The fault in plain words. `errors` are all that were found: an `anyOf` is only told by its parts. */
function describeError(error: SchemaError, errors: readonly SchemaError[]): string {
  const subject = error.propertyName === undefined ? '' : `the name ${quoteValue(error.propertyName)} `
  return subject + predicate(error, errors)
}

function predicate(error: SchemaError, errors: readonly SchemaError[]): string {
  switch (error.keyword) {
    case 'additionalProperties':
      return makeUnknownField([], error.params.additionalProperty).fault
    case 'required':
      return `must have ${quoteValue(error.params.missingProperty)}`
    case 'dependencies':
      return `must have ${quoteValue(error.params.missingProperty)} beside ${quoteValue(error.params.property)}`
    case 'false schema':
      return `must not stand ${besideWhat(error.schemaPath)}`
    case 'anyOf':
      return `must have ${listChoices(fieldsMissing(error, errors))}`
    case 'type':
      return `must be ${[error.params.type]
        .flat()
        .map(type => typeWords[type] ?? type)
        .join(' or ')}`
    case 'const':
      return `must be ${quoteValue(error.params.allowedValue)}`
    case 'enum':
      return `must be ${listChoices(error.params.allowedValues)}`
    case 'pattern':
      return `must match ${quoteValue(error.params.pattern)}`
    case 'minimum':
    case 'maximum':
      return `must be ${error.keyword === 'minimum' ? 'at least' : 'at most'} ${error.params.limit}`
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `must be ${error.keyword === 'exclusiveMinimum' ? 'more than' : 'less than'} ${error.params.limit}`
    case 'minItems':
    case 'minLength':
    case 'minProperties':
      return `must have at least ${counted(error.params.limit, error.keyword)}`
    case 'maxItems':
    case 'maxLength':
    case 'maxProperties':
      return `must have at most ${counted(error.params.limit, error.keyword)}`
    case 'uniqueItems':
      return `must not say the same twice, in ${error.params.j} and ${error.params.i}`
    case 'contains':
    case 'if':
    case 'multipleOf':
    case 'not':
    case 'oneOf':
    case 'propertyNames':
      // No target schema reports these; test/schema/targets.test.ts holds which keywords there are.
      throw new Error(`a target schema has the keyword ${error.keyword}, for which there are no words`)
  }
}

function counted(limit: number, keyword: string): string {
  const [single, many] = keyword.endsWith('Items')
    ? ['entry', 'entries']
    : keyword.endsWith('Length')
      ? ['character', 'characters']
      : ['field', 'fields']
  return `${limit} ${limit === 1 ? single : many}`
}

const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  string: 'a string',
}

/** A field is ruled out by another (`dependencies/redirect/properties/route`), or by the value of one (`then`). */
function besideWhat(schemaPath: string): string {
  const [, field] = /\/dependencies\/([^/]+)\/properties\/[^/]+\/false schema$/.exec(schemaPath) ?? []
  return field === undefined ? 'here' : `beside ${quoteValue(field)}`
}

/** The fields of which an `anyOf` asks for one. */
function fieldsMissing(whole: SchemaError, errors: readonly SchemaError[]): readonly string[] {
  return errors.flatMap(part =>
    part.keyword === 'required' && isErrorWithin(part, whole) ? [part.params.missingProperty] : [],
  )
}

function listChoices(options: readonly unknown[]): string {
  const words = options.map(quoteValue)
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function quoteValue(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
