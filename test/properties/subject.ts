import fc from 'fast-check'
import { parse, parseAllDocuments } from 'yaml'
import type { Compilation } from '../../compiler/compile.ts'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileEnvironment, compileSpec, environments } from '../support/specs.ts'

/** An object as the cluster reads it. */
export interface Emitted {
  readonly kind: string
  readonly name: string
  readonly namespace: string | undefined
  readonly object: unknown
  readonly spec: unknown
}

/** What a property is about: the spec as its layers say it, and what is emitted for it, read back from YAML. */
export interface Subject {
  readonly spec: MeshSpec
  readonly objects: readonly Emitted[]
  /** The path of every file below `out/<env>/`. */
  readonly paths: readonly string[]
  /** kustomization.yaml */
  readonly kustomization: unknown
  /** `spec` of istio/istio-operator.yaml. */
  readonly operator: unknown
  /** istio/values-istiod.yaml */
  readonly istiod: unknown
  /** istio/values-<workload>.yaml of a gateway. */
  gatewayValues(gateway: string): unknown
}

/** Holds a statement against every environment of this project and at least a hundred drawn specs. */
export function everyMesh(statement: (subject: Subject) => void): void {
  for (const name of environments) statement(subjectOf(compileEnvironment(name)))
  holds(fc.property(specs(), spec => statement(subjectOf(compileSpec(spec)))))
}

function subjectOf(compilation: Compilation): Subject {
  const texts = new Map([...compilation.files()].map(({ path, text }) => [path, text]))
  const valuesOf = (path: string): unknown => {
    const text = texts.get(path)
    if (text === undefined) throw new Error(`there is no ${path}`)
    return parse(text)
  }
  return {
    // Every layer was decoded, so together they are what the language says.
    spec: compilation.layers.value as MeshSpec,
    objects: [...texts].flatMap(([path, text]) => (path.startsWith('manifests/') ? emittedIn(text) : [])),
    paths: [...texts.keys()],
    kustomization: valuesOf('kustomization.yaml'),
    operator: at(valuesOf('istio/istio-operator.yaml'), 'spec'),
    istiod: valuesOf('istio/values-istiod.yaml'),
    gatewayValues: gateway => valuesOf(`istio/values-istio-${gateway}.yaml`),
  }
}

/** Read as Kubernetes reads: YAML 1.1. */
const emittedIn = (text: string): readonly Emitted[] =>
  parseAllDocuments(text, { version: '1.1' }).map(document => {
    if (document.errors.length > 0) throw document.errors[0]
    const object: unknown = document.toJS()
    return {
      kind: textAt(object, 'kind'),
      name: textAt(object, 'metadata', 'name'),
      namespace: at(object, 'metadata', 'namespace') as string | undefined,
      object,
      spec: at(object, 'spec'),
    }
  })

/** The value at a path, undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    found = (found as Record<string | number, unknown>)[step]
  }
  return found
}

/** The list at a path; none where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  if (found === undefined) return []
  if (!Array.isArray(found)) throw new Error(`${path.join('.')} is not a list`)
  return found
}

/** The entries of the map at a path; none where there is none. */
export const entriesAt = (value: unknown, ...path: readonly (string | number)[]): [string, unknown][] =>
  Object.entries((at(value, ...path) ?? {}) as object)

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  if (typeof found !== 'string')
    throw new Error(`${path.join('.')} is not a text but ${JSON.stringify(found)}`)
  return found
}

/** The objects of a kind. */
export const ofKind = (objects: readonly Emitted[], kind: string): readonly Emitted[] =>
  objects.filter(object => object.kind === kind)

/** Every value with this key, at any depth. */
export function* valuesNamed(value: unknown, key: string): Iterable<unknown> {
  if (typeof value !== 'object' || value === null) return
  for (const [name, entry] of Object.entries(value)) {
    if (name === key) yield entry
    yield* valuesNamed(entry, key)
  }
}
