import type { Gateway, Mesh, Service } from '../mesh/mesh.ts'
import type { Sourced } from '../mesh/sourced.ts'
import { listEdges } from './edge.ts'
import type { Environment } from './environment.ts'
import { code, codes, joinParts, listProse, type Prose } from './markdown.ts'
import { describeReason } from './reason.ts'

/** The view of the decision record. */
export type Adr0001IstioView = ReturnType<typeof makeAdrView>

export function makeAdrView(environment: Environment) {
  const { mesh } = environment
  const { services } = mesh
  const allows = services.flatMap(({ allow }) => allow)
  const edges = listEdges(mesh).length
  return {
    ...environment,
    namespaces: mesh.namespaces.filter(({ hasServices }) => hasServices).map(({ name }) => name.value),
    owners: [...new Set(services.flatMap(({ owner }) => owner?.value ?? []))].sort(),
    needs: listNeeds(mesh, edges),
    decisions: listDecisions(mesh),
    /** The alternatives are held against these counts. */
    requests: allows.filter(({ methods, paths }) => methods.length + paths.length > 0).length,
    edges,
    isOpen: mesh.access.value === 'open',
    guarded: listServiceKeys(services.filter(({ jwt }) => jwt !== undefined)),
    shifted: listServiceKeys(services.filter(({ versions }) => versions.length > 1)),
    originated: mesh.externals.filter(({ tls }) => tls.value === 'originate').map(({ key }) => key),
    routed: [
      ...new Set(
        services
          .filter(
            ({ routes, allow, jwt, ports }) =>
              ports.length > 0 &&
              (routes.length > 1 ||
                jwt !== undefined ||
                allow.some(({ methods, paths }) => methods.length + paths.length > 0)),
          )
          .map(({ namespace }) => namespace.value),
      ),
    ].sort(),
    requested: mesh.istio.proxy.resources.requests,
    without: services.filter(({ versions, ports }) => ports.length > 0 && versions.length < 2).length,
  }
}

/** Names of services in a sentence: all of few, some of many. */
function nameSome(keys: readonly string[]): Prose {
  const shown = keys.slice(0, 6).map(code)
  return keys.length <= 6
    ? listProse(shown)
    : joinParts([joinParts(shown), `and ${keys.length - 6} more`], ' ')
}

const listServiceKeys = (services: readonly Service[]) => services.map(({ key }) => key)

/** Lists the requirements of this mesh for any implementation, as far as its spec has them. */
function listNeeds(
  { services, gateways, externals, mtls, egress, access, observability, expectations }: Mesh,
  edges: number,
): readonly Prose[] {
  const allows = services.flatMap(({ allow }) => allow)
  const byRequest = allows.filter(({ methods, paths }) => methods.length + paths.length > 0).length
  const hosts = gateways.flatMap(({ hosts, passthrough }) =>
    [...hosts, ...passthrough].map(({ value }) => value),
  )
  /** A sentence about services, in the number that they are. */
  const those = (
    is: (service: Service) => boolean,
    singular: string,
    several: string,
    ...what: readonly Prose[]
  ) => makeSentence(listServiceKeys(services.filter(is)), singular, several, ...what)
  return [
    mtls.value === 'strict'
      ? 'every call between services is encrypted, and both sides prove their identity'
      : 'calls between services are encrypted where both sides have a sidecar, and plain text is still accepted',
    ...(edges === 0
      ? []
      : [
          `${edges} edges declare the allowed calls, and every other call ${access.value === 'open' ? 'of these destinations ' : ''}is denied${byRequest === 0 ? '' : ` (${byRequest} of them name methods or paths)`}`,
        ]),
    ...those(
      ({ jwt }) => jwt !== undefined,
      'takes',
      'take',
      'requests with a token of a user, which a proxy checks before the service receives them',
    ),
    ...those(
      ({ versions }) => versions.length > 1,
      'runs',
      'run',
      'in several versions, and traffic moves between them in percent',
    ),
    ...those(({ routes }) => routes.length > 1, 'routes', 'route', 'requests by their content'),
    ...those(
      ({ exposures, passages }) => exposures.length + passages.length > 0,
      'is',
      'are',
      'reached from outside, under',
      codes(hosts.slice(0, 6)),
    ),
    ...makeSentence(
      externals.map(({ key }) => key),
      'is',
      'are',
      egress.value === 'registry-only'
        ? 'called outside the mesh, and no other external host is'
        : 'called outside the mesh',
    ),
    ...those(
      ({ fault }) => fault !== undefined,
      'fails',
      'fail',
      'on purpose, to test the reaction of callers',
    ),
    ...those(
      ({ objective }) => objective !== undefined,
      'has',
      'have',
      'an objective, so every request must be counted in the same way',
    ),
    ...(observability.tracing === undefined ? [] : ['requests are traced from one service to the next']),
    ...(expectations.length === 0
      ? []
      : [
          `every build checks ${expectations.length} expectation${expectations.length === 1 ? '' : 's'} about access`,
        ]),
  ]
}

/** Makes a sentence about some entities by name; empty without entities. */
function makeSentence(
  keys: readonly string[],
  singular: string,
  several: string,
  ...what: readonly Prose[]
): readonly Prose[] {
  return keys.length === 0
    ? []
    : [joinParts([nameSome(keys), keys.length === 1 ? singular : several, ...what], ' ')]
}

function describeProxies({ installation, workloadNamespace }: Gateway): Prose {
  if (installation === undefined)
    return joinParts(['proxies of another owner in', code(workloadNamespace.value)], ' ')
  const { replicas, serviceType } = installation
  return joinParts([`${replicas.min.value} to ${replicas.max.value} replicas,`, serviceType.value], ' ')
}

function describeCertificates({ certificates, hosts }: Gateway): Prose {
  if (hosts.length === 0) return 'it has no hosts, so it needs no certificate'
  if (certificates.length === 0) return 'it has no certificate: its requests are plain text on the network'
  return joinParts(
    certificates.map(({ issuer, secret, key }) => {
      const what = key === undefined ? 'its certificate' : `its certificate of ${key.value}`
      return issuer === undefined
        ? joinParts(['the owner of the secret', code(secret.value), 'renews it'], ' ')
        : joinParts([`cert-manager renews ${what} with`, code(issuer.name.value)], ' ')
    }),
  )
}

/** Lists the decisions of this spec, and their consequences. */
function listDecisions(mesh: Mesh) {
  const { istio, observability, delivery, gateways } = mesh
  const decision = (what: string, value: Sourced<unknown>, decided: Prose, follows: Prose) => ({
    what,
    decided,
    said: describeReason(value),
    follows,
  })
  return [
    decision(
      'mTLS',
      mesh.mtls,
      mesh.mtls.value,
      mesh.mtls.value === 'strict'
        ? 'a pod without a sidecar cannot call, including debug pods and jobs; probes of the kubelet work, since Istio rewrites them'
        : 'a policy that allows anyone also allows plain text; edges that name a caller still need its identity',
    ),
    decision(
      'calls to the outside',
      mesh.egress,
      mesh.egress.value,
      mesh.egress.value === 'registry-only'
        ? joinParts(['a new host needs an entry under', code('external'), 'first'], ' ')
        : 'every service can reach every external system, and no expectation can restrict that',
    ),
    decision(
      'calls inside the mesh',
      mesh.access,
      mesh.access.value,
      mesh.access.value === 'declared'
        ? joinParts(['a new caller needs an entry under', code('allow'), 'of its destination first'], ' ')
        : joinParts(['anyone may call a service without', code('allow')], ' '),
    ),
    decision(
      'scope of a sidecar',
      mesh.sidecarScope,
      mesh.sidecarScope.value,
      mesh.sidecarScope.value === 'declared'
        ? 'a sidecar gets configuration only for destinations that its service may call'
        : 'every sidecar gets the configuration of the whole mesh, and its memory grows with the mesh',
    ),
    decision(
      'injected faults',
      mesh.faults,
      mesh.faults.value,
      mesh.faults.value === 'forbidden'
        ? 'a spec with a fault does not compile'
        : 'the spec can inject faults',
    ),
    decision(
      'control plane',
      istio.replicas.min,
      `${istio.replicas.min.value} to ${istio.replicas.max.value} replicas`,
      istio.replicas.min.value < 2
        ? 'while it restarts, pods do not start and changes wait'
        : 'it can be upgraded without downtime',
    ),
    ...(istio.revision === undefined
      ? []
      : [
          decision(
            'revision',
            istio.revision,
            code(istio.revision.value),
            'a second control plane can run at the same time, and namespaces move one by one',
          ),
        ]),
    decision(
      'identities',
      istio.trustDomain,
      code(istio.trustDomain.value),
      mesh.access.value === 'open'
        ? joinParts(
            [
              'a service with',
              code('allow'),
              'denies a caller of another trust domain until an edge names it',
            ],
            ' ',
          )
        : 'a caller of another trust domain is denied until an edge names it',
    ),
    ...gateways.map(gateway =>
      decision(
        `gateway ${gateway.name.value}`,
        gateway.installation?.replicas.min ?? gateway.serviceAccount,
        describeProxies(gateway),
        describeCertificates(gateway),
      ),
    ),
    decision(
      'tracing',
      observability.tracing?.sampling ?? observability.traced,
      observability.tracing === undefined
        ? 'none'
        : `${observability.tracing.sampling.value}% of the requests`,
      observability.tracing === undefined
        ? 'only the logs show slow requests'
        : 'services must forward the trace headers, which the README lists',
    ),
    decision(
      'delivery',
      delivery.sync,
      delivery.sync.value,
      delivery.sync.value === 'manual'
        ? 'a person reads the diff and syncs'
        : 'a merged change runs within minutes, and a change by hand is reverted',
    ),
  ]
}
