import type { Jwt } from '../mesh/mesh.ts'
import type { SpecNode } from '../mesh/sourced.ts'
import { requiredField } from './diagnostics.ts'
import { at, entries, type Report, said, saidOr } from './fields.ts'
import type { ServiceSpec } from './spec-sections.ts'

/** The tokens that a service understands. */
export function jwtOf({ jwt: spec }: ServiceSpec, service: SpecNode, report: Report): Jwt | undefined {
  if (spec === undefined) return undefined
  const node = service.at('jwt')
  const owner = `\`jwt\` of \`${service.key}\``
  const issuer = said(spec, node, 'issuer')
  const jwks = said(spec, node, 'jwks')
  if (issuer === undefined) {
    const example = 'issuer: https://login.example.com'
    report(requiredField(at(node), { owner, field: 'the `issuer`', example }))
  }
  if (jwks === undefined) {
    const example = 'jwks: https://login.example.com/.well-known/jwks.json'
    report(requiredField(at(node), { owner, field: 'the `jwks`', example }))
  }
  if (issuer === undefined || jwks === undefined) return undefined
  return {
    origin: node,
    issuer,
    jwks,
    audiences: entries(spec.audiences, node, 'audiences'),
    header: said(spec, node, 'header'),
    forward: saidOr(spec, node, 'forward', 'default:forward-token', true),
  }
}
