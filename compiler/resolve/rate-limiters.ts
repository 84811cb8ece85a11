import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { RateLimiter } from '../mesh/mesh.ts'
import { because, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { readClusterAddress } from './cluster-address.ts'
import { requiredField } from './diagnostics.ts'
import { type Report, readField, readFieldOr, sortKeys } from './fields.ts'
import type { RateLimiterSpec } from './spec-sections.ts'

/** The rate-limit services of the spec by their names; undefined for an incomplete one. */
export type KnownLimiters = ReadonlyMap<string, RateLimiter | undefined>

/**
 * Resolves the rate-limit services that a spec declares, sorted by name; reports incomplete ones.
 *
 * @param mesh the name of the mesh
 */
export function resolveRateLimiters(
  { rateLimiters = {} }: MeshSpec,
  mesh: Sourced<string>,
  report: Report,
): KnownLimiters {
  const node = new SpecNode(undefined, 'rateLimiters')
  return new Map(
    sortKeys(rateLimiters).map(name => [
      name,
      resolveRateLimiter(rateLimiters[name]!, node.at(name), name, mesh, report),
    ]),
  )
}

function resolveRateLimiter(
  spec: RateLimiterSpec,
  node: SpecNode,
  name: string,
  mesh: Sourced<string>,
  report: Report,
): RateLimiter | undefined {
  const address = readField(spec, node, 'grpc')
  if (address === undefined) {
    const owner = `the rate limiter \`${name}\``
    const example = 'grpc: ratelimit.limits:8081'
    report(requiredField(placeAtKey(node), { owner, field: 'where it answers: `grpc`', example }))
    return undefined
  }
  return {
    origin: node,
    name: from(node, name),
    ...readClusterAddress(address, node.at('grpc'), 'rate limiter', report),
    domain: readField(spec, node, 'domain') ?? because(mesh, 'default:limiter-domain'),
    timeout: readFieldOr(spec, node, 'timeout', 'default:limiter-timeout', '100ms'),
    failOpen: readFieldOr(spec, node, 'failOpen', 'default:limiter-failure', true),
  }
}
