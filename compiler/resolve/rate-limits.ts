import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Rate, RateLimit } from '../mesh/mesh.ts'
import { from, type SpecNode } from '../mesh/sourced.ts'
import { requiredField } from './diagnostics.ts'
import { dropUndefined, keyPlace, type Report, readField, sortKeys } from './fields.ts'

type RateLimitSpec = NonNullable<NonNullable<NonNullable<MeshSpec['services']>[string]>['rateLimit']>

/**
 * Resolves the rate limit of a service, a gateway or a route; reports a part that is missing.
 *
 * @param owner the words for it in a message
 */
export function resolveRateLimit(
  spec: RateLimitSpec | undefined,
  origin: SpecNode,
  owner: string,
  report: Report,
): RateLimit | undefined {
  if (spec === undefined) return undefined
  const words = `\`rateLimit\` of ${owner}`
  if (typeof spec === 'string')
    return { origin, whole: resolveRate(spec, origin, words, report), perHeader: [] }
  const { requests, burst, perHeader = {} } = spec
  const headers = sortKeys(perHeader)
  // Only the values of headers are limited.
  const isPartial = requests === undefined && burst === undefined && headers.length > 0
  const place = origin.at('perHeader')
  return {
    origin,
    whole: isPartial ? undefined : resolveRate(spec, origin, words, report),
    perHeader: dropUndefined(
      headers.map(header => {
        const node = place.at(header)
        const rate = resolveRate(perHeader[header]!, node, `\`${header}\` in ${words}`, report)
        return rate && { header: from(node, header), rate }
      }),
    ),
  }
}

type RateSpec = string | { readonly requests?: string | undefined; readonly burst?: number | undefined }

function resolveRate(spec: RateSpec, origin: SpecNode, owner: string, report: Report): Rate | undefined {
  if (typeof spec === 'string') return { origin, requests: from(origin, spec), burst: undefined }
  const requests = readField(spec, origin, 'requests')
  if (requests === undefined) {
    report(
      requiredField(keyPlace(origin), { owner, field: 'how many `requests`', example: 'requests: 100/s' }),
    )
    return undefined
  }
  return { origin, requests, burst: readField(spec, origin, 'burst') }
}
