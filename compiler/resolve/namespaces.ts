import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Gateway, Istio, ManagedPart, MtlsMode, Namespace, Service } from '../mesh/mesh.ts'
import { from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { rootNamespaceListed } from './diagnostics.ts'
import { type Report, readField, readFieldOr, readLabels, sortKeys } from './fields.ts'
import { checkRevision } from './istio.ts'
import { makeNearestAfter, makeSuggest, type Suggest } from './suggestions.ts'

/** The parts of the mesh that name namespaces: each part with things in it. */
interface NamespaceContext {
  readonly istio: Istio
  readonly mtls: Sourced<MtlsMode>
  readonly managed: ManagedPart
  readonly gateways: readonly Gateway[]
  readonly services: readonly Service[]
}

/**
 * The namespaces that gateways, `manages`, `namespaces` and services name, sorted by name. The root namespace is the control
 * plane's, and among them only if a service runs there.
 */
export function resolveNamespaces(
  spec: MeshSpec['namespaces'],
  { istio, mtls, managed, gateways, services }: NamespaceContext,
  report: Report,
): readonly Namespace[] {
  const node = new SpecNode(undefined, 'namespaces')
  const root = istio.namespace.value
  const names = new Map<string, Sourced<string>>()
  const name = (namespace: Sourced<string>) => {
    const sourced = names.get(namespace.value)
    if (sourced === undefined || (!isFromSpec(sourced) && isFromSpec(namespace)))
      names.set(namespace.value, namespace)
  }
  // In the order of the sections' names, so that a namespace has its origin at the first place that names it.
  for (const gateway of gateways) name(gateway.namespace)
  if (managed.kind === 'namespaces') for (const namespace of managed.names) name(namespace)
  for (const key of sortKeys(spec ?? {})) name(from(node.at(key), key))
  const withServices = new Set<string>()
  for (const service of services) {
    if (withServices.has(service.namespace.value)) continue
    withServices.add(service.namespace.value)
    name(service.namespace)
  }
  if (spec?.[root] !== undefined && !withServices.has(root)) {
    report(rootNamespaceListed(placeAtKey(node.at(root)), { namespace: root }))
  }
  const isInstalled = istio.install.value === 'charts' || istio.controlPlanes[0]?.origin !== undefined
  return [...names.keys()].sort().flatMap(key => {
    if (key === root && !withServices.has(root)) return []
    const place = node.at(key)
    const revision = readField(spec?.[key], place, 'revision')
    // Others may install whatever the spec does not list.
    if (revision !== undefined && isInstalled) checkRevision(istio, revision, report)
    return {
      name: names.get(key)!,
      mtls: readField(spec?.[key], place, 'mtls') ?? mtls,
      injection: readFieldOr(spec?.[key], place, 'injection', 'default:injection', 'on'),
      revision: revision ?? istio.revision,
      labels: readLabels(spec?.[key]?.labels, place, 'labels'),
      hasServices: withServices.has(key),
    }
  })
}

/** The namespaces that a spec can refer to. */
export interface KnownNamespaces {
  has(name: string): boolean
  /** Proposes a namespace for a wrong name. */
  suggest: Suggest
  /** Suggests `namespace/<name>`, the form in `from:`. */
  suggestCaller: Suggest
}

/** Indexes the namespaces of the mesh, the root namespace, which always exists, and those of other owners. */
export function indexNamespaces(
  namespaces: readonly Namespace[],
  root: string,
  others: readonly string[] = [],
): KnownNamespaces {
  const names = new Set([root, ...namespaces.map(({ name }) => name.value), ...others])
  const sorted = () => [...names].sort()
  return {
    has: name => names.has(name),
    suggest: makeSuggest(sorted, makeNearestAfter('')),
    suggestCaller: makeSuggest(sorted, makeNearestAfter('namespace/')),
  }
}

const isFromSpec = (value: Sourced<unknown>) => value.origins.some(origin => origin instanceof SpecNode)
