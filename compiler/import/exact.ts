import type { ModelObject } from '../behavior/model.ts'
import { readRateLimit } from '../behavior/read/rate-limits.ts'
import { mapAt } from '../behavior/read/values.ts'
import type { Compilation } from '../compilation.ts'
import { isMap } from '../source/document.ts'
import { isEqual } from '../source/is-equal.ts'
import { type Claim, makeModelKey } from './claim.ts'
import { readMap, readObjectSpec, type Tree } from './read-object-spec.ts'
import type { Settled } from './settle.ts'

/** Finds the last claim of objects that the spec does not write just as they are, with the reason. */
export function findInexact({ claims, compilation }: Settled): readonly [Claim, string] | undefined {
  const exact = claims.filter(({ isExact }) => isExact)
  if (exact.length === 0) return undefined
  const emitted = listSpecs(compilation)
  for (const claim of exact.toReversed())
    for (const object of claim.objects) {
      const body = readBody(object)
      const spec = emitted.get(makeMeshKey(object, body))
      if (!isEqual(spec && normalizeObject(object, spec), normalizeObject(object, body)))
        return [claim, spec === undefined ? 'the spec writes no such object' : 'the spec writes it otherwise']
    }
  return undefined
}

/** Reads the part of an object that a spec writes: a ConfigMap has data where others have a spec. */
const readBody = (object: ModelObject): Tree =>
  object.kind === 'ConfigMap' ? (mapAt(object.source?.value, 'data') ?? {}) : readObjectSpec(object)

/** Makes one form of all equivalent specs: limits of one proxy have any order, and a struct is equivalent to a type. */
function normalizeObject({ kind, namespace, name }: ModelObject, spec: Tree): unknown {
  if (kind !== 'EnvoyFilter') return spec
  const value = { apiVersion: envoyFilterVersion, kind, metadata: { namespace, name }, spec }
  const limit = readRateLimit({ value, file: '', line: 1, lineOf: () => 1 })
  if (limit === undefined) return spec
  return [...limit.limits, ...limit.sharedLimits]
    .map(({ path: _, ...rest }) => JSON.stringify(rest))
    .toSorted()
}

const envoyFilterVersion = 'networking.istio.io/v1alpha3'

/** The specs of the objects that a compilation writes, by their keys. */
function listSpecs(compilation: Compilation): ReadonlyMap<string, Tree> {
  const specs = new Map<string, Tree>()
  for (const { kind, object } of compilation.manifests('for-cluster')) {
    if (!isMap(object) || !isMap(object['metadata'])) continue
    const body = kind === 'ConfigMap' ? object['data'] : object['spec']
    if (!isMap(body)) continue
    const { name, namespace } = object['metadata'] as { readonly name: string; readonly namespace: string }
    specs.set(makeMeshKey({ kind, name, namespace }, body), body)
  }
  return specs
}

/** The key of an object in a mesh: its subject, if only one object has it, or else its name. */
function makeMeshKey(object: Pick<ModelObject, 'kind' | 'name' | 'namespace'>, spec: Tree): string {
  const { kind, namespace } = object
  if (kind === 'IstioOperator') return `${kind} ${String(spec['revision'] ?? '')}`
  if (kind === 'Telemetry' && Object.keys(readMap(spec, 'selector')).length === 0)
    return `${kind} ${namespace}`
  if (kind === 'Sidecar' || kind === 'EnvoyFilter') {
    const labels = Object.entries(readMap(readMap(spec, 'workloadSelector'), 'labels'))
    return `${kind} ${namespace} ${JSON.stringify(labels.toSorted())}`
  }
  return makeModelKey(object)
}
