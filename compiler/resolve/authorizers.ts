import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { AskedRequests, Authorize, Authorizer, Service } from '../mesh/mesh.ts'
import { from, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { listNamedPorts } from './allow.ts'
import { listHeaderValues } from './claims.ts'
import { readClusterAddress } from './cluster-address.ts'
import { exclusiveFields, requiredField, unknownAuthorizer } from './diagnostics.ts'
import { emptyList, listSourcedEntries, type Report, readField, readFieldOr, sortKeys } from './fields.ts'
import { resolvePathMatch } from './match.ts'
import type { AuthorizerSpec, AuthorizeSpec, GatewaySpec } from './spec-sections.ts'

/** The authorizers of the spec by their names; undefined for an incomplete one. */
export type KnownAuthorizers = ReadonlyMap<string, Authorizer | undefined>

/** Resolves the authorizers that a spec declares, sorted by name; reports incomplete ones. */
export function resolveAuthorizers({ authorizers = {} }: MeshSpec, report: Report): KnownAuthorizers {
  const node = new SpecNode(undefined, 'authorizers')
  return new Map(
    sortKeys(authorizers).map(name => [
      name,
      resolveAuthorizer(authorizers[name]!, node.at(name), name, report),
    ]),
  )
}

function resolveAuthorizer(
  spec: AuthorizerSpec,
  node: SpecNode,
  name: string,
  report: Report,
): Authorizer | undefined {
  const owner = `the authorizer \`${name}\``
  const protocol = spec.grpc === undefined ? 'http' : 'grpc'
  const address = readField(spec, node, protocol)
  if (address === undefined) {
    const example = 'grpc: opa.opa-system:9191'
    report(requiredField(placeAtKey(node), { owner, field: 'where it answers: `grpc` or `http`', example }))
    return undefined
  }
  const isGrpc = protocol === 'grpc'
  for (const field of ['http', 'path', ...headerLists] as const) {
    if (!isGrpc || spec[field] === undefined) continue
    const help =
      field === 'http'
        ? 'keep the one that it speaks'
        : `remove \`${field}\`: an authorizer with \`grpc\` gets the whole request, and names the headers itself`
    const related = { at: placeAtKey(node.at('grpc')), message: 'its `grpc`' }
    report(
      exclusiveFields(placeAtKey(node.at(field)), { owner, first: 'grpc', second: field, help }, [related]),
    )
  }
  return {
    origin: node,
    name: from(node, name),
    protocol: from(node.at(protocol), protocol),
    ...readClusterAddress(address, node.at(protocol), 'authorizer', report),
    timeout: readFieldOr(spec, node, 'timeout', 'default:authorizer-timeout', '2s'),
    failOpen: readFieldOr(spec, node, 'failOpen', 'default:authorizer-failure', false),
    statusOnError: readField(spec, node, 'statusOnError'),
    path: readField(spec, node, 'path'),
    sendHeaders: listSourcedEntries(spec.sendHeaders, node, 'sendHeaders'),
    forwardHeaders: listSourcedEntries(spec.forwardHeaders, node, 'forwardHeaders'),
    refusalHeaders: listSourcedEntries(spec.refusalHeaders, node, 'refusalHeaders'),
    responseHeaders: listSourcedEntries(spec.responseHeaders, node, 'responseHeaders'),
  }
}

const headerLists = ['sendHeaders', 'forwardHeaders', 'refusalHeaders', 'responseHeaders'] as const

/** Resolves the authorizer of a service, and the requests that it checks. */
export const resolveAuthorize = (
  spec: AuthorizeSpec | undefined,
  service: Service,
  known: KnownAuthorizers,
  report: Report,
): Authorize | undefined =>
  resolveAsking(spec, service.origin.at('authorize'), `\`${service.key}\``, known, report, (written, place) =>
    listNamedPorts(written, place, service, report),
  )

/** Resolves the authorizer of a gateway, whose proxies call it about requests of every port. */
export const resolveGatewayAuthorize = (
  spec: GatewaySpec['authorize'],
  node: SpecNode,
  owner: string,
  known: KnownAuthorizers,
  report: Report,
): Authorize | undefined => resolveAsking(spec, node, owner, known, report, () => emptyList)

type AskedSpec = NonNullable<AuthorizeSpec['requests']>[number]

function resolveAsking(
  spec: AuthorizeSpec | undefined,
  node: SpecNode,
  owner: string,
  known: KnownAuthorizers,
  report: Report,
  listPorts: (written: AskedSpec, place: SpecNode) => AskedRequests['ports'],
): Authorize | undefined {
  if (spec === undefined) return undefined
  const by = readField(spec, node, 'by')
  if (by === undefined) {
    report(
      requiredField(placeAtKey(node), {
        owner: `\`authorize\` of ${owner}`,
        field: 'the authorizer',
        example: 'by: opa',
      }),
    )
    return undefined
  }
  if (!known.has(by.value))
    report(unknownAuthorizer(placeAt(by.place!), { name: by.value, legal: [...known.keys()] }))
  const requests = listSourcedEntries(spec.requests, node, 'requests').map(({ value: written }, index) => {
    const place = node.at('requests').at(index)
    return resolveAskedRequests(written, place, listPorts(written, place))
  })
  const authorizer = known.get(by.value)
  return authorizer && { origin: node, by, authorizer, requests }
}

const resolveAskedRequests = (
  written: AskedSpec,
  place: SpecNode,
  ports: AskedRequests['ports'],
): AskedRequests => ({
  origin: place,
  methods: listSourcedEntries(written.methods, place, 'methods'),
  exceptMethods: listSourcedEntries(written.exceptMethods, place, 'exceptMethods'),
  paths: listSourcedEntries(written.paths, place, 'paths').map(path => path.map(resolvePathMatch)),
  exceptPaths: listSourcedEntries(written.exceptPaths, place, 'exceptPaths').map(path =>
    path.map(resolvePathMatch),
  ),
  ports,
  headers: listHeaderValues(written.headers, place.at('headers')),
})
