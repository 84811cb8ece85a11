import { compare } from '../../diagnostics/compare.ts'
import { findRevisionWord, followRevision } from '../../mesh/control-planes.ts'
import { getExitHost } from '../../mesh/exit.ts'
import type { RawHost, Service, SharedMesh } from '../../mesh/mesh.ts'
import { isFirstOfPods, listSharingReasons } from '../../mesh/same-pods.ts'
import { because, decided, from, type Reason, type Sourced, SpecNode } from '../../mesh/sourced.ts'
import { noSurroundings } from '../../mesh/surroundings.ts'
import { labelRecord, type Manifest, makeManifest } from '../manifest.ts'

/**
 * Emits the part of the mesh that a workload's proxy knows: the other ends of its services' edges, the hosts of raw objects, the
 * services of the surroundings, istiod, the trace collector, the authorizer and the rate limiter. There is none if sidecars know
 * everything. The object has the name of the first service that selects the pods.
 */
export function emitSidecar(mesh: SharedMesh, service: Service): readonly Manifest[] {
  if (mesh.sidecarScope.value === 'all' || !isFirstOfPods(service)) return []
  const values: Sourced<string>[] = []
  const know = (namespace: Sourced<string>, host: Sourced<string>, ...reasons: readonly Reason[]) => {
    values.push(because(`${namespace.value}/${host.value}`, ...reasons, namespace, host))
  }
  for (const sharingService of service.samePods) {
    const shared = sharingService === service ? [] : listSharingReasons(sharingService)
    // A service that allows every caller does not count as its own caller unless the spec declares it.
    const open = mesh.publicCallees.filter(
      callee => callee.kind === 'external' || callee.service !== sharingService,
    )
    for (const callee of [...sharingService.callees, ...open]) {
      if (callee.kind === 'external') {
        const { hosts, namespace, through } = callee.external
        for (const host of hosts) know(namespace, host, callee.origin, ...shared)
        if (through !== undefined)
          know(
            through.gateway.workloadNamespace,
            getExitHost(through.gateway),
            callee.origin,
            through.word,
            ...shared,
          )
      } else know(callee.service.namespace, callee.service.host, callee.origin, ...shared)
    }
    const { authorize, rateLimit } = sharingService
    if (authorize !== undefined)
      know(authorize.authorizer.namespace, authorize.authorizer.host, authorize.by, ...shared)
    if (rateLimit?.counted !== undefined) {
      const { by, limiter } = rateLimit.counted
      know(limiter.namespace, limiter.host, by, ...shared)
    }
  }
  const { traced, tracing } = mesh.observability
  if (tracing !== undefined) know(tracing.namespace, tracing.host, traced)
  for (const { host, namespace } of listVisibleRawHosts(mesh, service, values)) know(namespace, host)
  const others = mesh.surroundings === noSurroundings ? [] : listSurroundingHosts(mesh, service)
  const all = [findIstiod(mesh, service), ...uniteAlike([...values, ...others])]
  const hosts = others.length === 0 ? all : dropCovered(all)
  const policy = 'policy:sidecar-scope'
  const reasons = [mesh.sidecarScope]
  const spec = {
    workloadSelector: { labels: labelRecord(service.selector) },
    egress: [{ hosts }],
  }
  return [
    makeManifest(
      mesh,
      'Sidecar',
      { name: service.name, namespace: service.namespace, policy, reasons },
      because(spec, ...reasons),
    ),
  ]
}

/**
 * Lists the hosts of raw objects that the namespace of a service sees.
 *
 * @param values the hosts that its sidecar knows by edges: a host that the spec declares is for those that call it
 */
function listVisibleRawHosts(
  { rawHosts }: SharedMesh,
  { namespace }: Service,
  values: readonly Sourced<string>[],
): readonly RawHost[] {
  if (rawHosts.length === 0) return rawHosts
  const called = new Set(values.map(({ value }) => value.slice(value.indexOf('/') + 1)))
  return rawHosts
    .filter(
      ({ exportTo }) =>
        exportTo.length === 0 || exportTo.some(word => word === '*' || word === namespace.value),
    )
    .filter(({ host, isDeclared }) => !isDeclared || called.has(host.value))
}

/**
 * Lists the hosts of other owners, for which the spec declares no edge: their owners decide who may call them, and the sidecar must
 * not break existing calls. A Sidecar of meshc replaces the default one, so it keeps the hosts of the default.
 */
function listSurroundingHosts(
  { surroundings, namespaces, istio }: SharedMesh,
  { namespace }: Service,
): readonly Sourced<string>[] {
  const managed = new Set(namespaces.map(({ name }) => name.value))
  const foreign = surroundings.callableNamespaces.filter(name => !managed.has(name))
  const { defaultSidecars } = surroundings
  const inherited = defaultSidecars.get(namespace.value) ?? defaultSidecars.get(istio.namespace.value)
  const node = new SpecNode(undefined, 'surroundings')
  return (inherited?.hosts ?? ['*/*'])
    .flatMap(word => {
      const slash = word.indexOf('/')
      const [home, host] = [word.slice(0, slash), word.slice(slash + 1)]
      if (home === '*') return foreign.map(name => `${name}/${host}`)
      return home === '.' || home === '~' || managed.has(home) ? [] : [word]
    })
    .map(word => from(node, word))
}

/** Values in their order, each once, for the reasons of all that are alike. */
function uniteAlike(values: Sourced<string>[]): readonly Sourced<string>[] {
  const distinct: Sourced<string>[] = []
  for (const next of values.sort((a, b) => compare(a.value, b.value))) {
    const last = distinct.at(-1)
    if (last?.value === next.value) distinct[distinct.length - 1] = because(last.value, last, next)
    else distinct.push(next)
  }
  return distinct
}

/** Removes the hosts of a namespace that is listed as a whole: Istio refuses duplicates (IST0133). */
function dropCovered(hosts: readonly Sourced<string>[]): readonly Sourced<string>[] {
  const whole = new Set(hosts.flatMap(({ value }) => (value.endsWith('/*') ? value.slice(0, -1) : [])))
  return hosts.filter(
    ({ value }) => value.endsWith('/*') || !whole.has(value.slice(0, value.indexOf('/') + 1)),
  )
}

/** Finds the host of istiod, which the scope of a proxy may not be empty of. */
function findIstiod(mesh: SharedMesh, service: Service): Sourced<string> {
  const { istio } = mesh
  const word = findRevisionWord(mesh, service.namespace.value)
  const revision = followRevision(istio, word)?.revision ?? word
  const name =
    revision === undefined
      ? decided('policy:sidecar-scope', 'istiod')
      : revision.map(revision => `istiod-${revision}`)
  const namespace = istio.namespace.value
  return because(`${namespace}/${name.value}.${namespace}.svc.cluster.local`, name, istio.namespace)
}
