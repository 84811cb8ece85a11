import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../compiler/behavior/compare/compare.ts'
import type { Difference, UnknownPart } from '../../compiler/behavior/compare/difference.ts'
import type { CallerName } from '../../compiler/behavior/pairs/names.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { compile } from '../../compiler/compile.ts'
import { listAssumedObjects } from '../../compiler/manifests/assumed-objects.ts'
import { splitClusterEntry } from '../../compiler/mesh/cluster-entry.ts'
import { type DrawnManifests, manifests } from '../arbitraries/manifests/manifests.ts'
import { getTexts, partsOfOneCluster, type Spec } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { getModel } from '../support/model-of.ts'

const laws = suite('laws: a part of a mesh')

const folder = 'clusters/prod'

/** The mesh of another owner, in namespaces that no generated spec has. */
const foreignMeshes = manifests({ services: 2 }).map(
  ({ objects, meshConfig }): DrawnManifests => ({
    objects: JSON.parse(
      JSON.stringify(objects).replace(/\b(shop|web|data|payments|istio-ingress)\b/g, 'old-$1'),
    ),
    meshConfig,
  }),
)

laws('a spec that manages a part changes no request to a destination outside of it', () => {
  let compared = 0
  holds(
    fc.property(partsOfOneCluster(), foreignMeshes, (drawn, foreign) => {
      const spec = asPart(drawn, foreign)
      const result = compile(spec.entry, getWorkspace({ ...getTexts(spec), ...asFiles(foreign) }))
      fc.pre(result.ok)
      const { value: compilation, sources } = result
      const emitted = [...compilation.manifests('for-cluster')].map(({ object }) => object)
      const assumed = listAssumedObjects(compilation, sources)
        .map(({ value }) => value)
        .filter(value => getKind(value) !== 'IstioOperator')
      // The pods and machines of the spec exist already: only meshc's output changes.
      const isThere = (value: unknown) =>
        ['Namespace', 'WorkloadEntry', 'WorkloadGroup'].includes(getKind(value))
      const before = [...foreign.objects, ...assumed, ...emitted.filter(isThere)]
      const after = [...before, ...emitted.filter(value => !isThere(value))]
      const { differences, unknown } = compare(
        getModel(before, foreign.meshConfig),
        getModel(after, foreign.meshConfig),
      )
      compared++
      const part = listOwnNames(compilation)
      const declared = new Set(
        getModel(foreign.objects, foreign.meshConfig).services.flatMap(({ host, ports }) =>
          ports.map(({ number }) => `${host}:${number}`),
        ),
      )
      const outside = [
        ...differences.filter(
          ({ callers, destinations, witness }) =>
            callers.some(caller => !isOfPart(caller, part)) ||
            // A sidecar that listens on a port for a host also answers there for hosts without that port.
            (isAnswered(witness.before.result) &&
              !isSameFate(witness.before.result, witness.after.result) &&
              destinations.some(({ host, port }) => declared.has(`${host}:${port}`))),
        ),
        // A part that was unknown before the change is not a change.
        ...unknown.filter(({ side }) => side === 'after'),
      ].filter(
        ({ callers, destinations }) =>
          destinations.some(({ host }) => !part.hosts.has(host)) &&
          callers.some(caller => caller.kind !== 'outside' || !isOfPart(caller, part)),
      )
      const lines = outside.map(describePart)
      assert.equal(lines, [], lines.join('\n'))
    }),
  )
  assert.ok(compared > 0)
})

/** Changes a spec to agree with the control plane of the other mesh. */
function asPart(spec: Spec, { meshConfig }: DrawnManifests): Spec {
  const documents = Object.entries(spec.documents)
  const main = splitClusterEntry(spec.entry)?.base ?? spec.entry
  const isClosed = JSON.stringify(meshConfig).includes('REGISTRY_ONLY')
  return {
    entry: spec.entry,
    documents: Object.fromEntries(
      documents.map(([path, { istio, observability, egress: _, expect: __, ...document }]) => [
        path,
        path === main
          ? {
              ...document,
              egress: isClosed ? 'registry-only' : 'allow-any',
              surroundings: [folder],
              ...(istio?.revision !== undefined && { istio: { revision: istio.revision } }),
              ...(observability && { observability: { ...observability, tracing: null, kiali: null } }),
            }
          : document,
      ]),
    ),
  }
}

const asFiles = ({ objects, meshConfig }: DrawnManifests): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(objects.map((object, index) => [`${folder}/${index}.yaml`, JSON.stringify(object)])),
  [`${folder}/istio.yaml`]: JSON.stringify({
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: 'istio', namespace: 'istio-system' },
    spec: { meshConfig },
  }),
})

const getKind = (value: unknown) => (value as { readonly kind: string }).kind

/** The hosts and namespaces of a part. */
interface Part {
  readonly hosts: ReadonlySet<string>
  readonly namespaces: ReadonlySet<string>
  /** The namespaces of its gateways' proxies, which get its listeners. The proxies may have another owner. */
  readonly proxies: ReadonlySet<string>
}

const listOwnNames = ({ mesh }: Compilation): Part => ({
  hosts: new Set([
    ...mesh.services.map(({ host }) => host.value),
    ...mesh.externals.flatMap(({ hosts }) => hosts.map(({ value }) => value)),
    ...mesh.gateways.flatMap(({ hosts, workload, workloadNamespace }) => [
      ...hosts.map(({ value }) => value),
      `${workload.value}.${workloadNamespace.value}.svc.cluster.local`,
    ]),
  ]),
  namespaces: new Set(mesh.namespaces.map(({ name }) => name.value)),
  proxies: new Set(mesh.gateways.map(({ workloadNamespace }) => workloadNamespace.value)),
})

const isOfPart = (caller: CallerName, { namespaces, proxies }: Part): boolean =>
  caller.kind === 'outside'
    ? namespaces.has(caller.gateway.namespace) || proxies.has(caller.gateway.namespace)
    : namespaces.has(caller.namespace)

/** Describes a difference or an unknown part in one line. */
const describePart = (part: Difference | UnknownPart): string =>
  [
    'section' in part ? `${part.section} ${part.change}` : `unknown ${part.because[0]?.object.name}`,
    part.callers.map(caller => (caller.kind === 'outside' ? caller.gateway.name : caller.name)).join(),
    part.destinations.map(({ host, port }) => `${host}:${port}`).join(),
  ].join(' | ')

/** Checks whether a workload of the mesh answers a request. */
const isAnswered = ({ outcomes }: Result): boolean =>
  outcomes.some(({ verdict, workload }) => verdict === 'ALLOW' && workload !== 'external')

/**
 * Checks whether the same workloads answer. A sidecar may forward traffic as bytes that it forwarded as HTTP
 * to the same address.
 */
const isSameFate = (before: Result, after: Result): boolean =>
  JSON.stringify(listFates(before)) === JSON.stringify(listFates(after))

const listFates = ({ verdict, outcomes }: Result) => [
  verdict,
  ...outcomes.map(({ workload, transport }) => [workload, transport]),
]

laws.run()
