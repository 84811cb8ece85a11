import { readdirSync, readFileSync } from 'node:fs'
import { isRecord, type JsonSchema } from '../../../schema/json-schema.ts'

/** A file of schema/targets. */
export interface Target {
  /** Its name without `.json`. */
  readonly name: string
  readonly schema: JsonSchema
  /** The name of its type. */
  readonly title: string
  /** The form of the kind in a manifest; undefined for values of a Helm chart and for parts of other schemas. */
  readonly manifest?: ManifestForm
}

/** The `x-manifest` of a schema: which objects it is for, and where in them the part it describes is. */
export interface ManifestForm {
  readonly apiVersion: string
  readonly kind: string
  readonly scope: 'Namespaced' | 'Cluster' | 'File'
  readonly body: 'spec' | 'fields'
  /** The sync wave of its objects, if they are in `manifests/`. */
  readonly wave?: number
}

/** All target schemas, in the order of their names. */
export function readTargets(folder: string): readonly Target[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.json'))
  return files.sort().map(file => readTarget(folder, file))
}

function readTarget(folder: string, file: string): Target {
  const schema: unknown = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
  if (!isRecord(schema) || typeof schema['title'] !== 'string') throw new Error(`${file} has no title`)
  const target = { name: file.replace('.json', ''), schema, title: schema['title'] }
  const manifest = schema['x-manifest']
  // The schemas are ours; test/schema/targets.test.ts holds the form of each x-manifest.
  return manifest === undefined ? target : { ...target, manifest: manifest as ManifestForm }
}
