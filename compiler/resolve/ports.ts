import { fieldsOfCalls } from '../../schema/generated/field-facts.ts'
import { type Protocol, protocols } from '../../schema/protocols.ts'
import type { Port, Refinement } from '../mesh/mesh.ts'
import { because, from, type Sourced, type SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import {
  exclusiveFields,
  portNameContradicts,
  portNameWithoutProtocol,
  portProtocols,
  requiredField,
} from './diagnostics.ts'
import { dropUndefined, emptyList, type Report, readField, sortKeys } from './fields.ts'
import type { PolicyLevel } from './policy.ts'
import type { PortSpec, ServiceSpec } from './spec-sections.ts'

/** Resolves the own settings of a port. */
type Refine = (port: PolicyLevel) => Refinement | undefined

/** The ports of a service, sorted by their names in the spec. A service that only calls others needs none. */
export function resolvePorts(
  spec: ServiceSpec,
  node: SpecNode,
  refine: Refine,
  report: Report,
): readonly Port[] {
  const owner = `\`${node.key}\``
  if (spec.port !== undefined) {
    const place = node.at('port')
    if (spec.ports !== undefined) {
      const help = 'move the port into `ports`'
      const related = { at: placeAtKey(node.at('ports')), message: 'its `ports`' }
      report(exclusiveFields(placeAtKey(place), { owner, first: 'port', second: 'ports', help }, [related]))
    }
    const port = describedPort(undefined, spec.port, place, `the port of ${owner}`, refine, report)
    return port === undefined ? emptyList : [port]
  }
  const keys = sortKeys(spec.ports ?? {})
  const called = keys.length === 0 ? calledBy(spec) : undefined
  if (called !== undefined) {
    const related = { at: placeAtKey(node.at(called)), message: 'this is about calls of it' }
    report(
      requiredField(placeAtKey(node), { owner, field: 'its port', example: 'port: { http: 8080 }' }, [
        related,
      ]),
    )
  }
  const place = node.at('ports')
  return dropUndefined(
    keys.map(key => {
      const written = spec.ports![key]!
      return typeof written === 'number'
        ? numberedPort(key, written, place.at(key), report)
        : describedPort(key, written, place.at(key), `the port \`${key}\` of ${owner}`, refine, report)
    }),
  )
}

/** Finds a field that has no meaning for a service that is never called: not an empty `allow`, which allows no calls. */
function calledBy(spec: ServiceSpec): keyof ServiceSpec | undefined {
  if ((spec.allow?.length ?? 0) > 0) return 'allow'
  return fieldsOfCalls.find(field => field !== 'allow' && spec[field] !== undefined)
}

/** The longer of two protocols that a name begins with is meant: `grpc-web` is no `grpc`. */
const protocolsByLength = protocols.toSorted((a, b) => b.length - a.length)

/** The protocol that the name of a port begins with. See https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ */
const protocolIn = (name: string): Protocol | undefined =>
  protocolsByLength.find(
    word => name.startsWith(word) && (name.length === word.length || name[word.length] === '-'),
  )

/** `http: 8080`: the name implies the protocol. */
function numberedPort(key: string, written: number, node: SpecNode, report: Report): Port | undefined {
  const protocol = protocolIn(key)
  if (protocol === undefined) {
    report(portNameWithoutProtocol(placeAtKey(node), { name: key, number: written }))
    return undefined
  }
  const number = from(node, written)
  return {
    origin: node,
    key,
    name: from(node, key),
    protocol: from(node, protocol),
    number,
    target: because(written, number, 'default:target-port'),
    mtls: undefined,
    sidecar: undefined,
    refinement: undefined,
  }
}

/** `{ http: 8080, target: 80 }`, with a name under `ports`, without one as `port`. */
function describedPort(
  key: string | undefined,
  spec: PortSpec,
  node: SpecNode,
  owner: string,
  refine: Refine,
  report: Report,
): Port | undefined {
  const protocol = protocolsByLength.find(word => spec[word] !== undefined)
  const protocolWord = protocolsByLength.findLast(word => spec[word] !== undefined)
  if (protocol === undefined || protocol !== protocolWord) {
    const protocols = protocolsByLength.filter(word => spec[word] !== undefined).toSorted()
    report(portProtocols(placeAt(node), { port: owner, protocols }))
    return undefined
  }
  const place = node.at(protocol)
  const number = from(place, spec[protocol]!)
  return {
    origin: node,
    key: key ?? protocol,
    name: key === undefined ? from(place, protocol) : resolvePortName(key, protocol, node, report),
    protocol: from(place, protocol),
    number,
    target: readField(spec, node, 'target') ?? because(number.value, number, 'default:target-port'),
    mtls: readField(spec, node, 'mtls'),
    sidecar: readField(spec, node, 'sidecar'),
    refinement: refine({ spec, node }),
  }
}

const longestPortName = 15

/** Kubernetes knows the port by its key, with the protocol before it so that Istio can read it, where that fits. */
function resolvePortName(key: string, protocol: Protocol, node: SpecNode, report: Report): Sourced<string> {
  const named = protocolIn(key)
  if (named === protocol) return from(node, key)
  if (named !== undefined) report(portNameContradicts(placeAtKey(node), { name: key, named, protocol }))
  const full = `${protocol}-${key}`
  return because(full.length <= longestPortName ? full : key, node, node.at(protocol))
}
