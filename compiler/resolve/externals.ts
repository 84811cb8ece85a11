import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { anyAddress } from '../mesh/external-lookup.ts'
import type {
  ClientCertificate,
  External,
  ExternalAllow,
  ExternalEndpoint,
  Gateway,
  Mesh,
  Through,
  TrafficPolicy,
} from '../mesh/mesh.ts'
import { because, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { openness } from './allow.ts'
import type { FindCaller } from './callers.ts'
import {
  callerOutsideMesh,
  portProtocols,
  requiredField,
  unknownExit,
  unknownNamespace,
} from './diagnostics.ts'
import { emptyList, listSourcedEntries, type Report, readField, sortKeys } from './fields.ts'
import type { KnownNamespaces } from './namespaces.ts'
import { type PolicyLevel, resolvePolicy } from './policy.ts'
import type { ExternalSpec } from './spec-sections.ts'

/** The parts of the mesh that external systems need. */
interface ExternalContext {
  /** The default namespace of an external system. */
  readonly home: Sourced<string>
  readonly access: Mesh['access']
  readonly namespaces: KnownNamespaces
  readonly findCaller: FindCaller
  readonly gateways: readonly Gateway[]
  readonly defaults: PolicyLevel
  /** The default policy for requests of an external system. */
  readonly policy: TrafficPolicy
}

/** The systems outside the mesh, sorted by key. */
export function resolveExternals(
  spec: MeshSpec['external'],
  context: ExternalContext,
  report: Report,
): readonly External[] {
  const node = new SpecNode(undefined, 'external')
  const names = nameDoors(spec ?? {}, node)
  return sortKeys(spec ?? {}).flatMap(
    key =>
      resolveExternal(spec![key]!, node.at(key), key, names.get(key) ?? emptyList, context, report) ?? [],
  )
}

/**
 * Names the doors of each external system that uses a gateway, one for each of its hosts. The first door has the name of the system;
 * the others have a number, too, which skips names of other systems. The name of a subset has at most 63 characters.
 */
function nameDoors(
  spec: NonNullable<MeshSpec['external']>,
  node: SpecNode,
): ReadonlyMap<string, readonly Sourced<string>[]> {
  const taken = new Set(Object.keys(spec))
  const names = new Map<string, readonly Sourced<string>[]>()
  for (const key of sortKeys(spec)) {
    const { through, hosts = emptyList } = spec[key]!
    if (through === undefined) continue
    const doors = hosts.map((_, index) => {
      if (index === 0) return from(node.at(key), key)
      let number = index + 1
      const name = () => `${key.slice(0, 59)}-${number}`
      while (taken.has(name())) number++
      taken.add(name())
      return because(name(), node.at(key), node.at(key).at('hosts').at(index))
    })
    names.set(key, doors)
  }
  return names
}

/** Finds the egress gateway that callers of a system pass. */
function findThrough(
  spec: ExternalSpec,
  node: SpecNode,
  doors: readonly Sourced<string>[],
  gateways: readonly Gateway[],
  report: Report,
): Through | undefined {
  const word = readField(spec, node, 'through')
  if (word === undefined) return undefined
  const name = word.value
  const gateway = gateways.find(each => each.name.value === name)
  if (gateway?.isEgress.value) return { word, gateway, doors }
  const legal = gateways.filter(({ isEgress }) => isEgress.value).map(each => each.name.value)
  const related = gateway && [{ at: placeAtKey(gateway.origin), message: 'this gateway is a way in' }]
  report(
    unknownExit(placeAt(node.at('through')), { name, legal, isEntrance: gateway !== undefined }, related),
  )
  return undefined
}

function resolveExternal(
  spec: ExternalSpec,
  node: SpecNode,
  key: string,
  doors: readonly Sourced<string>[],
  context: ExternalContext,
  report: Report,
): External | undefined {
  const owner = `the external system \`${key}\``
  if (spec.hosts === undefined) {
    report(
      requiredField(placeAtKey(node), { owner, field: 'its `hosts`', example: 'hosts: [api.example.com]' }),
    )
  }
  const namespace = readField(spec, node, 'namespace')
  if (namespace !== undefined && !context.namespaces.has(namespace.value)) {
    const suggestion = context.namespaces.suggest(namespace.value)
    report(unknownNamespace(placeAt(node.at('namespace')), { namespace: namespace.value, suggestion }))
  }
  const isOpen = context.access.value === 'open' && spec.allow === undefined
  const allow = isOpen
    ? [allowAnyoneOut(context.access)]
    : listAllows(spec.allow, node, key, context.findCaller, report)
  const port = resolveExternalPort(spec, node, key, report)
  if (port === undefined) return undefined
  const { protocol } = port
  const isTls = protocol.value === 'https' || protocol.value === 'tls'
  return {
    origin: node,
    key,
    name: from(node, key),
    namespace: namespace ?? because(context.home.value, context.home, 'default:external-namespace'),
    hosts: listSourcedEntries(spec.hosts, node, 'hosts'),
    port,
    tls:
      readField(spec, node, 'tls') ??
      because(isTls ? 'passthrough' : 'none', protocol, 'default:external-tls'),
    through: findThrough(spec, node, doors, context.gateways, report),
    clientCertificate: findClientCertificate(spec, node, owner, report),
    addresses: listAddresses(spec, node),
    resolution: readField(spec, node, 'resolution'),
    endpoints: listEndpoints(spec, node),
    allow,
    isOpen,
    policy: resolvePolicy([{ spec, node }, context.defaults], context.policy),
  }
}

const externalProtocols = [
  'https',
  'http',
  'tls',
  'tcp',
] as const satisfies readonly External['port']['protocol']['value'][]

function resolveExternalPort(
  { port: spec }: ExternalSpec,
  node: SpecNode,
  key: string,
  report: Report,
): External['port'] | undefined {
  if (spec === undefined) {
    const owner = `the external system \`${key}\``
    report(requiredField(placeAtKey(node), { owner, field: 'its port', example: 'port: { https: 443 }' }))
    return undefined
  }
  const place = node.at('port')
  const spoken = externalProtocols.filter(protocol => spec[protocol] !== undefined)
  const [protocol] = spoken
  const number = protocol && readField(spec, place, protocol)
  if (protocol === undefined || number === undefined || spoken.length > 1) {
    report(portProtocols(placeAt(place), { port: `the port of \`${key}\``, protocols: spoken.toSorted() }))
    return undefined
  }
  return { protocol: from(place.at(protocol), protocol), number }
}

function listAddresses({ addresses }: ExternalSpec, node: SpecNode): External['addresses'] {
  if (addresses === 'any') return [from(node.at('addresses'), anyAddress)]
  return listSourcedEntries(addresses, node, 'addresses')
}

function listEndpoints({ endpoints: spec }: ExternalSpec, node: SpecNode): readonly ExternalEndpoint[] {
  if (spec === undefined) return emptyList
  const place = node.at('endpoints')
  return sortKeys(spec).map(key => {
    const origin = place.at(key)
    const written = spec[key]!
    const address = from(origin, key)
    if (typeof written === 'number')
      return { origin, address, weight: from(origin, written), port: undefined, locality: undefined }
    return {
      origin,
      address,
      weight: readField(written, origin, 'weight'),
      port: readField(written, origin, 'port'),
      locality: readField(written, origin, 'locality'),
    }
  })
}

function findClientCertificate(
  { clientCertificate: spec }: ExternalSpec,
  external: SpecNode,
  owner: string,
  report: Report,
): ClientCertificate | undefined {
  if (spec === undefined) return undefined
  const origin = external.at('clientCertificate')
  const certificate = {
    origin,
    secret: readField(spec, origin, 'secret'),
    certificate: readField(spec, origin, 'certificate'),
    key: readField(spec, origin, 'key'),
    ca: readField(spec, origin, 'ca'),
  }
  const { secret, certificate: file, key } = certificate
  if (secret !== undefined || (file !== undefined && key !== undefined)) return certificate
  const isFile = file !== undefined || key !== undefined || certificate.ca !== undefined
  const field = isFile
    ? `the \`${file === undefined ? 'certificate' : 'key'}\` of its client certificate`
    : 'the source of its client certificate'
  const example = isFile
    ? `clientCertificate: { certificate: ${file?.value ?? '/etc/tls/tls.crt'}, key: ${key?.value ?? '/etc/tls/tls.key'} }`
    : 'clientCertificate: { secret: my-client }'
  report(requiredField(placeAtKey(origin), { owner, field, example }))
  return undefined
}

function allowAnyoneOut(access: Mesh['access']): ExternalAllow {
  const origin = openness(access)
  return { origin, from: { kind: 'anyone', origin }, reason: undefined }
}

function listAllows(
  spec: ExternalSpec['allow'],
  node: SpecNode,
  key: string,
  findCaller: FindCaller,
  report: Report,
): readonly ExternalAllow[] {
  if (spec === undefined) return emptyList
  const allow: ExternalAllow[] = []
  for (const [index, written] of spec.entries()) {
    const origin = node.at('allow').at(index)
    const caller = findCaller(written.from, origin.at('from'))
    if (caller === undefined) continue
    if (caller.kind === 'gateway' || caller.kind === 'external-caller' || caller.kind === 'workload') {
      report(callerOutsideMesh(placeAt(origin.at('from')), { external: key, caller: written.from }))
    }
    allow.push({ origin, from: caller, reason: readField(written, origin, 'because') })
  }
  return allow
}
