import { defineDiagnostic } from '../diagnostics/diagnostic.ts'
import { findNearestName, findOnlyNear, listQuoted, suggestName } from '../diagnostics/suggest.ts'
import { writeInstead } from '../diagnostics/write-instead.ts'
import type { Suggestion } from './suggestions.ts'

/** Diagnostics of names and defaults: MESH2xxx. */
export const requiredField = defineDiagnostic<{
  owner: string
  field: string
  example: string
  /** The words that the spec can use instead. */
  alternative?: string
}>({
  code: 'MESH2001',
  severity: 'error',
  summary: 'Every required field is set in some layer of a spec',
  message: p => `${p.owner} does not say ${p.field}`,
  help: p => `for example \`${p.example}\`${p.alternative === undefined ? '' : `; ${p.alternative}`}`,
})

export const exclusiveFields = defineDiagnostic<{
  owner: string
  first: string
  second: string
  help: string
}>({
  code: 'MESH2002',
  severity: 'error',
  summary: 'Two fields that set the same thing are not used together',
  message: p => `${p.owner} sets both \`${p.first}\` and \`${p.second}\``,
  help: p => p.help,
})

export const reservedName = defineDiagnostic<{ name: string }>({
  code: 'MESH2003',
  severity: 'error',
  summary: 'No service has a reserved word as its name',
  message: p => `\`${p.name}\` is a reserved word: it cannot name a service`,
  help: p => `choose another key, and set \`name: ${p.name}\` if the Kubernetes Service has this name`,
})

export const namespaceUnsaid = defineDiagnostic<{ service: string; known: readonly string[] }>({
  code: 'MESH2004',
  severity: 'error',
  summary: 'A service sets its namespace, unless the mesh has only one',
  reads: ['namespaces.*', 'services.*.namespace'],
  message: p =>
    p.known.length === 0
      ? `\`${p.service}\` does not set its namespace, and the mesh declares none`
      : `\`${p.service}\` does not set its namespace, and the mesh has several`,
  help: p => {
    if (p.known.length === 0) return `for example \`namespace: ${p.service}\``
    return `set \`namespace\`${p.known.length <= 12 ? `: the mesh has ${listQuoted(p.known)}` : ''}`
  },
})

export const unknownNamespace = defineDiagnostic<{ namespace: string; suggestion: Suggestion | undefined }>({
  code: 'MESH2005',
  severity: 'error',
  summary: 'A spec refers only to namespaces of the mesh',
  covers: ['IST0101', 'KIA0101'],
  reads: ['namespaces.*', 'services.*.namespace', 'gateways.*.namespace', 'istio.namespace'],
  message: p => `the mesh has no namespace \`${p.namespace}\``,
  help: p => p.suggestion?.help ?? `list it under \`namespaces\` if it exists: \`${p.namespace}: {}\``,
  fix: (p, at) => writeInstead(at, p.suggestion?.word),
})

export const rootNamespaceListed = defineDiagnostic<{ namespace: string }>({
  code: 'MESH2006',
  severity: 'error',
  summary: 'The root namespace has no settings of its own: they would apply to the whole mesh',
  reads: ['istio.namespace', 'services.*.namespace'],
  message: p => `\`${p.namespace}\` is the root namespace: a setting there applies to the whole mesh`,
  help: () => 'set `mtls` at the top of the spec, and leave the namespace out of `namespaces`',
})

export const unknownCaller = defineDiagnostic<{
  kind: 'service' | 'gateway'
  name: string
  suggestion: Suggestion | undefined
}>({
  code: 'MESH2007',
  severity: 'error',
  summary: 'A caller is a service or gateway of the mesh',
  covers: ['KIA0106'],
  reads: ['services.*', 'gateways.*', 'namespaces.*'],
  message: p => `the mesh has no ${p.kind} \`${p.name}\``,
  help: p =>
    p.suggestion?.help ??
    (p.kind === 'gateway'
      ? 'declare it under `gateways`'
      : 'callers are services, `gateway/<name>`, `namespace/<name>`, `<namespace>/<workload>`, `external-caller/<identity>` and `anyone`'),
  fix: (p, at) => writeInstead(at, p.suggestion?.word),
})

export const unknownWorkload = defineDiagnostic<{ name: string; suggestion: Suggestion | undefined }>({
  code: 'MESH2024',
  severity: 'error',
  summary: 'A caller `<namespace>/<workload>` is a workload of the surroundings',
  reads: ['surroundings'],
  message: p => `the surroundings have no workload \`${p.name}\``,
  help: p =>
    p.suggestion?.help ??
    'add the folder of its manifests to `surroundings`, or name its identity: `external-caller/<identity>`',
  fix: (p, at) => writeInstead(at, p.suggestion?.word),
})

export const callerOutsideMesh = defineDiagnostic<{ external: string; caller: string }>({
  code: 'MESH2008',
  severity: 'error',
  summary: 'Only services of the mesh call external systems',
  message: p => `\`${p.caller}\` cannot call \`${p.external}\`: only services of the mesh can`,
  help: () => 'name a service, `namespace/<name>` or `anyone`',
})

export const portProtocols = defineDiagnostic<{ port: string; protocols: readonly string[] }>({
  code: 'MESH2009',
  severity: 'error',
  summary: 'A port speaks exactly one protocol',
  covers: ['IST0118', 'KIA0601'],
  message: p =>
    p.protocols.length === 0
      ? `${p.port} does not declare its protocol`
      : `${p.port} speaks ${listQuoted(p.protocols)}: a port speaks one protocol`,
  help: p =>
    p.protocols.length === 0
      ? 'write its protocol with its number: `{ http: 8080 }`'
      : 'give each protocol a port of its own under `ports`',
})

export const portNameWithoutProtocol = defineDiagnostic<{ name: string; number: number }>({
  code: 'MESH2010',
  severity: 'error',
  summary: 'A port without a protocol has a name that begins with one',
  covers: ['IST0118', 'KIA0601'],
  message: p => `\`${p.name}\` does not begin with a protocol, and the port declares none`,
  help: p => `write \`${p.name}: { http: ${p.number} }\`, or another protocol in place of \`http\``,
})

export const portNameContradicts = defineDiagnostic<{ name: string; named: string; protocol: string }>({
  code: 'MESH2011',
  severity: 'error',
  summary: 'A port whose name begins with a protocol speaks that protocol',
  message: p =>
    `the name of the port \`${p.name}\` begins with ${p.named}, but the port speaks ${p.protocol}`,
  help: p =>
    `Istio reads the protocol from the name: call it \`${p.protocol}${p.name.slice(p.named.length)}\``,
})

export const unknownPort = defineDiagnostic<{ service: string; name: string; legal: readonly string[] }>({
  code: 'MESH2012',
  severity: 'error',
  summary: 'A spec refers only to ports that a service declares',
  covers: ['IST0101'],
  message: p => `\`${p.service}\` has no port \`${p.name}\``,
  help: p => suggestName(p.name, p.legal),
  fix: (p, at) => writeInstead(at, findOnlyNear(p.name, p.legal)),
})

export const exposedPortProtocol = defineDiagnostic<{
  service: string
  port: string | undefined
  speaks: 'HTTP' | 'TLS' | 'TCP'
  protocols: readonly string[]
}>({
  code: 'MESH2013',
  severity: 'error',
  summary: 'A gateway leads to a port that speaks HTTP, unless it passes connections on',
  reads: ['gateways.*.hosts', 'gateways.*.passthrough'],
  message: p => {
    const what = p.speaks === 'HTTP' ? 'a gateway cannot lead to it' : 'no connection can be passed on to it'
    return p.port === undefined
      ? `\`${p.service}\` has no port that speaks ${p.speaks}, so ${what}`
      : `the port \`${p.port}\` of \`${p.service}\` does not speak ${p.speaks}, so ${what}`
  },
  help: p => {
    const words = p.protocols.map(protocol => `\`${protocol}\``)
    const who = p.speaks === 'HTTP' ? 'a gateway leads' : 'such a connection leads'
    return `${who} to a port that speaks ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  },
})

export const unknownVersion = defineDiagnostic<{
  service: string
  name: string
  /** The text before the name if a share names a version of another service. */
  prefix?: string
  legal: readonly string[]
}>({
  code: 'MESH2014',
  severity: 'error',
  summary: 'A version that gets traffic is declared',
  covers: ['IST0101', 'KIA1107'],
  message: p => `\`${p.service}\` has no version \`${p.name}\``,
  help: p => suggestName(p.name, p.legal) ?? `declare it: \`versions: { ${p.name}: {} }\``,
  fix: (p, at) => writeInstead(at, writeAfter(p.prefix ?? '', findOnlyNear(p.name, p.legal))),
})

const writeAfter = (prefix: string, word: string | undefined) =>
  word === undefined ? undefined : `${prefix}${word}`

export const unknownReceiver = defineDiagnostic<{
  name: string
  version: string | undefined
  legal: readonly string[]
}>({
  code: 'MESH2030',
  severity: 'error',
  summary: 'A service that gets a share of requests is declared',
  reads: ['services.*'],
  covers: ['IST0101', 'KIA1101'],
  message: p => `the mesh has no service \`${p.name}\``,
  help: p => suggestName(p.name, p.legal) ?? 'declare it under `services`',
  fix: (p, at) =>
    writeInstead(
      at,
      writeAfter('service/', findOnlyNear(p.name, p.legal))?.concat(
        p.version === undefined ? '' : `/${p.version}`,
      ),
    ),
})

export const trafficUnsaid = defineDiagnostic<{ owner: string; versions: readonly string[] }>({
  code: 'MESH2015',
  severity: 'error',
  summary: 'A service with several versions declares which of them gets its traffic',
  message: p => `${p.owner} does not declare which version gets its traffic`,
  help: p =>
    `it has ${listQuoted(p.versions)}: set \`traffic: { ${p.versions[0]}: 100% }\` or \`active: ${p.versions[0]}\``,
})

export const routesIncomplete = defineDiagnostic<{ service: string; version: string }>({
  code: 'MESH2016',
  severity: 'error',
  summary: 'The routes of a service match every request',
  message: p => `some requests match no route of \`${p.service}\``,
  help: p =>
    `add a last route without \`when\`, or set \`traffic: { ${p.version}: 100% }\` of the service for the rest`,
})

export const emptyMatch = defineDiagnostic<{ owner: string }>({
  code: 'MESH2017',
  severity: 'error',
  summary: 'A condition is not empty',
  message: p => `\`when\` of ${p.owner} is empty`,
  help: () => 'remove `when` to match every request',
})

export const unknownGateway = defineDiagnostic<{ name: string; legal: readonly string[] }>({
  code: 'MESH2018',
  severity: 'error',
  summary: 'A service is exposed at a gateway of the mesh',
  covers: ['IST0101', 'KIA1102'],
  reads: ['gateways.*'],
  message: p => `the mesh has no gateway \`${p.name}\``,
  help: p => suggestName(p.name, p.legal) ?? 'declare it under `gateways`',
  fix: (p, at) => writeInstead(at, findOnlyNear(p.name, p.legal)),
})

export const unknownGatewayHost = defineDiagnostic<{
  gateway: string
  host: string
  legal: readonly string[]
}>({
  code: 'MESH2019',
  severity: 'error',
  summary: 'A service is exposed at a host of its gateway',
  covers: ['IST0132'],
  message: p => `\`${p.host}\` is not a host of the gateway \`${p.gateway}\``,
  help: p => {
    // Hosts of one domain resemble each other: a host is suggested only if its first label is also near.
    const alike = p.legal.filter(legal => findNearestName(getLabel(p.host), [getLabel(legal)]) !== undefined)
    const near = findNearestName(p.host, alike)
    return near === undefined ? `add it to the hosts of \`${p.gateway}\`` : `did you mean \`${near}\`?`
  },
  fix: (p, at) => writeInstead(at, findOnlyNear(p.host, p.legal)),
})

const getLabel = (host: string) => host.slice(0, host.indexOf('.'))

export const unknownDestination = defineDiagnostic<{
  kind: 'service' | 'external system' | 'surrounding service'
  name: string
  suggestion: Suggestion | undefined
}>({
  code: 'MESH2020',
  severity: 'error',
  summary: 'The destination of an expectation is a service or external system of the mesh',
  reads: ['services.*', 'external.*'],
  message: p =>
    p.kind === 'surrounding service'
      ? `the surroundings have no service \`${p.name}\``
      : `the mesh has no ${p.kind} \`${p.name}\``,
  help: p =>
    p.suggestion?.help ?? 'name a service, `external/<name>`, or `<namespace>/<service>` of the surroundings',
  fix: (p, at) => writeInstead(at, p.suggestion?.word),
})

export const serviceOfCluster = defineDiagnostic<{
  role: 'collector' | 'authorizer' | 'rate limiter'
  host: string
  port: number
  isShort: boolean
}>({
  code: 'MESH2021',
  severity: 'error',
  summary:
    'A trace collector, authorizer or rate limiter is a Service of the cluster, named with its namespace',
  message: p =>
    p.isShort
      ? `\`${p.host}\` does not name the namespace of the ${p.role}`
      : `\`${p.host}\` is not a Service of the cluster, and proxies ${p.role === 'collector' ? 'send traces to' : 'ask'} no other host`,
  help: p =>
    p.isShort
      ? `write \`${p.host}.<namespace>:${p.port}\``
      : `write \`<service>.<namespace>:${p.port}\` of ${p.role === 'collector' ? 'a collector in the cluster, which can forward traces' : p.role === 'authorizer' ? 'an authorizer in the cluster' : 'a rate limiter in the cluster'}`,
})

export const trafficUnused = defineDiagnostic<{ service: string; field: string }>({
  code: 'MESH2022',
  severity: 'warning',
  summary: 'A route uses the `traffic` or `active` that its service sets',
  message: p => `\`${p.field}\` of \`${p.service}\` has no effect: every route sets its own destination`,
  help: p => `remove \`${p.field}\`, or remove \`traffic\` from the last route`,
})

export const environmentFolder = defineDiagnostic<{ environment: string; folder: string }>({
  code: 'MESH2023',
  severity: 'warning',
  summary: 'An environment has the name of its folder',
  message: p => `the environment is called \`${p.environment}\`, but its folder is called \`${p.folder}\``,
  help: p =>
    `rename one of them: commands and \`out/\` use \`${p.folder}\`, Argo CD and alerts use \`${p.environment}\``,
})

export const unknownListener = defineDiagnostic<{
  gateway: string
  name: string
  legal: readonly string[]
}>({
  code: 'MESH2029',
  severity: 'error',
  summary: 'A service is exposed at a port of TCP that its gateway declares',
  reads: ['gateways.*', 'gateways.*.tcp'],
  message: p => `the gateway \`${p.gateway}\` has no port \`${p.name}\` under \`tcp\``,
  help: p => suggestName(p.name, p.legal) ?? `declare it there: \`tcp: { ${p.name}: { port: 5432 } }\``,
  fix: (p, at) => writeInstead(at, findOnlyNear(p.name, p.legal)),
})

export const unknownIssuer = defineDiagnostic<{ name: string; legal: readonly string[] }>({
  code: 'MESH2027',
  severity: 'error',
  summary: 'An issuer of tokens is declared under `issuers`',
  reads: ['issuers.*'],
  message: p => `the spec declares no issuer \`${p.name}\``,
  help: p => suggestName(p.name, p.legal) ?? `declare it: \`issuers: { ${p.name}: { issuer: …, jwks: … } }\``,
  fix: (p, at) => writeInstead(at, findOnlyNear(p.name, p.legal)),
})

export const unknownAuthorizer = defineDiagnostic<{ name: string; legal: readonly string[] }>({
  code: 'MESH2028',
  severity: 'error',
  summary: 'An authorizer is declared under `authorizers`',
  reads: ['authorizers.*'],
  message: p => `the spec declares no authorizer \`${p.name}\``,
  help: p =>
    suggestName(p.name, p.legal) ??
    `declare it: \`authorizers: { ${p.name}: { grpc: <service>.<namespace>:9191 } }\``,
  fix: (p, at) => writeInstead(at, findOnlyNear(p.name, p.legal)),
})

export const unknownExit = defineDiagnostic<{
  name: string
  legal: readonly string[]
  isEntrance: boolean
}>({
  code: 'MESH2040',
  severity: 'error',
  summary: 'An external system goes through an egress gateway of the mesh',
  reads: ['gateways.*'],
  message: p =>
    p.isEntrance
      ? `the gateway \`${p.name}\` is not an egress gateway`
      : `the mesh has no egress gateway \`${p.name}\``,
  help: p =>
    suggestName(p.name, p.legal) ??
    (p.isEntrance
      ? 'declare another gateway with `egress: true`'
      : `declare it: \`gateways: { ${p.name}: { egress: true } }\``),
  fix: (p, at) => writeInstead(at, findOnlyNear(p.name, p.legal)),
})

export const unknownRevision = defineDiagnostic<{ revision: string; legal: readonly string[] }>({
  code: 'MESH2045',
  severity: 'error',
  summary: 'A namespace joins a control plane of the mesh, by its revision or a tag of it',
  reads: ['istio'],
  message: p => `the mesh has no control plane \`${p.revision}\``,
  help: p =>
    suggestName(p.revision, p.legal) ??
    `declare it: \`istio: { revisions: { ${p.revision}: { version: 1.31.4 } } }\``,
  fix: (p, at) => writeInstead(at, findOnlyNear(p.revision, p.legal)),
})

export const missingRevision = defineDiagnostic<{ revisions: readonly string[] }>({
  code: 'MESH2046',
  severity: 'error',
  summary: 'A mesh with `revisions` says which of them its namespaces join',
  message: () => 'no revision is that of the namespaces which name none',
  help: p => `set \`istio.revision\` to one of them or to a tag: ${listQuoted(p.revisions)}`,
})

export const unknownLimiter = defineDiagnostic<{ name: string; legal: readonly string[] }>({
  code: 'MESH2050',
  severity: 'error',
  summary: 'A limiter of requests is declared under `rateLimiters`',
  reads: ['rateLimiters.*'],
  message: p => `the spec declares no rate limiter \`${p.name}\``,
  help: p =>
    suggestName(p.name, p.legal) ??
    `declare it: \`rateLimiters: { ${p.name}: { grpc: <service>.<namespace>:8081 } }\``,
  fix: (p, at) => writeInstead(at, findOnlyNear(p.name, p.legal)),
})

export const unchosenCluster = defineDiagnostic<{ clusters: readonly string[] }>({
  code: 'MESH2051',
  severity: 'error',
  summary: 'A spec with `clusters` names at least one, and is compiled for one of them',
  message: p =>
    p.clusters.length === 0
      ? '`clusters` names no cluster'
      : 'the spec has `clusters`, and no cluster is chosen',
  help: p =>
    p.clusters.length === 0
      ? 'name the clusters of the environment, or remove `clusters` if there is only one'
      : `compile ${listQuoted(p.clusters, 'or')}: the entry of a cluster is \`spec/<environment>/<cluster>/mesh.yaml\``,
})

export const unknownCluster = defineDiagnostic<{
  cluster: string
  legal: readonly string[]
  /** The file of an unlisted cluster, and the file of the environment. */
  file?: string
  base?: string
}>({
  code: 'MESH2052',
  severity: 'error',
  summary: 'A cluster is one of `clusters`',
  reads: ['clusters.*'],
  message: p =>
    p.file === undefined
      ? `the environment has no cluster \`${p.cluster}\``
      : `\`${p.file}\` is about the cluster \`${p.cluster}\`, which is none of \`${p.base}\``,
  help: p =>
    suggestName(p.cluster, p.legal) ?? `declare it: \`clusters: { ${p.cluster}: { network: <network> } }\``,
  fix: (p, at) => (p.file === undefined ? writeInstead(at, findOnlyNear(p.cluster, p.legal)) : undefined),
})

/** Every diagnostic of this pass, in the order of their codes. */
export const resolveDiagnostics = [
  requiredField,
  exclusiveFields,
  reservedName,
  namespaceUnsaid,
  unknownNamespace,
  rootNamespaceListed,
  unknownCaller,
  callerOutsideMesh,
  portProtocols,
  portNameWithoutProtocol,
  portNameContradicts,
  unknownPort,
  exposedPortProtocol,
  unknownVersion,
  trafficUnsaid,
  routesIncomplete,
  emptyMatch,
  unknownGateway,
  unknownGatewayHost,
  unknownDestination,
  serviceOfCluster,
  trafficUnused,
  environmentFolder,
  unknownWorkload,
  unknownIssuer,
  unknownAuthorizer,
  unknownListener,
  unknownReceiver,
  unknownExit,
  unknownRevision,
  missingRevision,
  unknownLimiter,
  unchosenCluster,
  unknownCluster,
] as const
