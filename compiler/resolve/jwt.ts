import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Issuer, Jwt, Mesh } from '../mesh/mesh.ts'
import { type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { exclusiveFields, requiredField, unknownIssuer } from './diagnostics.ts'
import {
  dropUndefined,
  listSourcedEntries,
  type Report,
  readField,
  readFieldOr,
  readLabels,
  sortKeys,
} from './fields.ts'
import type { IssuerSpec, JwtSpec } from './spec-sections.ts'

/** An issuer under `issuers`; its identity is undefined if it is incomplete. */
interface KnownIssuer extends Level {
  readonly identity: Pick<Issuer, 'issuer' | 'jwks'> | undefined
}

/** The issuers of the spec by their names. */
export type KnownIssuers = ReadonlyMap<string, KnownIssuer>

const issuersNode = new SpecNode(undefined, 'issuers')

/** Resolves the issuers that a spec declares, sorted by name; reports incomplete ones. */
export const resolveIssuers = ({ issuers = {} }: MeshSpec, report: Report): KnownIssuers =>
  new Map(
    sortKeys(issuers).map(name => {
      const spec = issuers[name]!
      const node = issuersNode.at(name)
      const identity = findIssuerKeys(spec, node, `the issuer \`${name}\``, report)
      return [name, { spec, node, identity }]
    }),
  )

/** Lists the issuers of the mesh, each with its settings without those of a nearer level. */
export const listIssuers = (known: KnownIssuers): Mesh['issuers'] =>
  [...known].map(([name, declared]) => {
    const { node, identity } = declared
    const issuer = identity && { origin: node, name, ...identity, ...readSettings([declared]) }
    return { origin: node, name, issuer }
  })

/** The tokens that a service or a gateway accepts. `owner`: the words for it in a message. */
export function resolveJwt(
  spec: JwtSpec | undefined,
  node: SpecNode,
  owner: string,
  known: KnownIssuers,
  report: Report,
): Jwt | undefined {
  if (spec === undefined) return undefined
  if (spec.issuers === undefined) {
    const identity = findIssuerKeys(spec, node, `\`jwt\` of ${owner}`, report)
    if (identity === undefined) return undefined
    const issuer: Issuer = { origin: node, name: undefined, ...identity, ...readSettings([{ spec, node }]) }
    return { origin: node, issuers: [issuer] }
  }
  for (const field of ['issuer', 'jwks'] as const) {
    if (spec[field] === undefined) continue
    const help = `declare it under \`issuers\` of the spec and name it here, or remove \`${field}\``
    const related = { at: placeAtKey(node.at('issuers')), message: 'its `issuers`' }
    const params = { owner: `\`jwt\` of ${owner}`, first: 'issuers', second: field, help }
    report(exclusiveFields(placeAtKey(node.at(field)), params, [related]))
  }
  const issuers = listSourcedEntries(spec.issuers, node, 'issuers').map((name): Issuer | undefined => {
    const declared = findIssuer(name, known, report)
    if (declared?.identity === undefined) return undefined
    const settings = readSettings([{ spec, node }, declared])
    return { origin: name.place!, name: name.value, ...declared.identity, ...settings }
  })
  return { origin: node, issuers: dropUndefined(issuers) }
}

/** Finds an issuer by its name; undefined if the spec declares none, which is reported. */
export function findIssuer(
  name: Sourced<string>,
  known: KnownIssuers,
  report: Report,
): KnownIssuer | undefined {
  const declared = known.get(name.value)
  if (declared === undefined)
    report(unknownIssuer(placeAt(name.place!), { name: name.value, legal: [...known.keys()] }))
  return declared
}

/** Finds the issuer itself and its keys. */
function findIssuerKeys(
  spec: IssuerSpec,
  node: SpecNode,
  owner: string,
  report: Report,
): Pick<Issuer, 'issuer' | 'jwks'> | undefined {
  const issuer = readField(spec, node, 'issuer')
  const jwks = readField(spec, node, 'jwks')
  if (issuer === undefined) {
    const example = 'issuer: https://login.example.com'
    report(requiredField(placeAt(node), { owner, field: 'the `issuer`', example }))
  }
  if (jwks === undefined) {
    const example = 'jwks: https://login.example.com/.well-known/jwks.json'
    report(requiredField(placeAt(node), { owner, field: 'the `jwks`', example }))
  }
  return issuer === undefined || jwks === undefined ? undefined : { issuer, jwks }
}

/** A part of the spec with settings for reading tokens. */
interface Level {
  readonly spec: IssuerSpec
  readonly node: SpecNode
}

/** The way in which tokens are read: the nearest level that sets a field decides on it. */
function readSettings(levels: readonly Level[]): Omit<Issuer, 'origin' | 'name' | 'issuer' | 'jwks'> {
  const nearest = (field: keyof IssuerSpec): Level =>
    levels.find(({ spec }) => spec[field] !== undefined) ?? levels.at(-1)!
  const read = <Key extends 'header' | 'prefix' | 'parameter'>(field: Key) => {
    const { spec, node } = nearest(field)
    return readField(spec, node, field)
  }
  const audiences = nearest('audiences')
  const claimHeaders = nearest('claimHeaders')
  const forward = nearest('forward')
  return {
    audiences: listSourcedEntries(audiences.spec.audiences, audiences.node, 'audiences'),
    header: read('header'),
    prefix: read('prefix'),
    parameter: read('parameter'),
    claimHeaders: readLabels(claimHeaders.spec.claimHeaders, claimHeaders.node, 'claimHeaders'),
    forward: readFieldOr(forward.spec, forward.node, 'forward', 'default:forward-token', true),
  }
}
