import type { Jwt } from '../mesh/mesh.ts'
import type { SpecNode } from '../mesh/sourced.ts'
import { requiredField } from './diagnostics.ts'
import { listEntries, placeAt, type Report, readField, readFieldOr } from './fields.ts'
import type { ServiceSpec } from './spec-sections.ts'

/** The tokens that a service understands. */
export function resolveJwt({ jwt: spec }: ServiceSpec, service: SpecNode, report: Report): Jwt | undefined {
  if (spec === undefined) return undefined
  const node = service.at('jwt')
  const owner = `\`jwt\` of \`${service.key}\``
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
  if (issuer === undefined || jwks === undefined) return undefined
  return {
    origin: node,
    issuer,
    jwks,
    audiences: listEntries(spec.audiences, node, 'audiences'),
    header: readField(spec, node, 'header'),
    forward: readFieldOr(spec, node, 'forward', 'default:forward-token', true),
  }
}
