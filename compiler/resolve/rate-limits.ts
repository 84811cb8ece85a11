import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Rate, RateLimit } from '../mesh/mesh.ts'
import { from, type SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { exclusiveFields, requiredField, unknownLimiter } from './diagnostics.ts'
import { dropUndefined, type Report, readField, sortKeys } from './fields.ts'
import type { KnownLimiters } from './rate-limiters.ts'

type RateLimitSpec = NonNullable<NonNullable<NonNullable<MeshSpec['services']>[string]>['rateLimit']>

/**
 * Resolves the rate limit of a service, a gateway or a route; reports a part that is missing.
 *
 * @param owner the words for it in a message
 * @param limiters the rate-limit services that may count for it
 */
export function resolveRateLimit(
  spec: RateLimitSpec | undefined,
  origin: SpecNode,
  owner: string,
  limiters: KnownLimiters,
  report: Report,
): RateLimit | undefined {
  if (spec === undefined) return undefined
  const words = `\`rateLimit\` of ${owner}`
  if (typeof spec === 'string')
    return { origin, counted: undefined, whole: resolveRate(spec, origin, words, report), perHeader: [] }
  const { requests, burst, perHeader = {} } = spec
  const by = readField(spec, origin, 'limiter')
  if (by !== undefined && !limiters.has(by.value))
    report(unknownLimiter(placeAt(by.place!), { name: by.value, legal: [...limiters.keys()] }))
  const limiter = by && limiters.get(by.value)
  // The rate limiter is unknown.
  if (by !== undefined && limiter === undefined) return undefined
  if (by !== undefined) reportBursts(spec, origin, words, report)
  const headers = sortKeys(perHeader)
  // Only the values of headers are limited.
  const isPartial = requests === undefined && burst === undefined && headers.length > 0
  const place = origin.at('perHeader')
  return {
    origin,
    counted: by && limiter && { by, limiter },
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

/** Reports bursts with a rate-limit service: it counts the requests of a whole second, minute or hour. */
function reportBursts(
  spec: Exclude<RateLimitSpec, string>,
  origin: SpecNode,
  words: string,
  report: Report,
): void {
  const { perHeader = {} } = spec
  const related = { at: placeAtKey(origin.at('limiter')), message: 'its `limiter`' }
  const refuse = (node: SpecNode, owner: string) => {
    const help = 'remove `burst`: a rate-limit service counts the requests of each second, minute or hour'
    report(
      exclusiveFields(placeAtKey(node.at('burst')), { owner, first: 'limiter', second: 'burst', help }, [
        related,
      ]),
    )
  }
  if (spec.burst !== undefined) refuse(origin, words)
  for (const header of sortKeys(perHeader)) {
    const rate = perHeader[header]!
    if (typeof rate !== 'string' && rate.burst !== undefined)
      refuse(origin.at('perHeader').at(header), `\`${header}\` in ${words}`)
  }
}

type RateSpec = string | { readonly requests?: string | undefined; readonly burst?: number | undefined }

function resolveRate(spec: RateSpec, origin: SpecNode, owner: string, report: Report): Rate | undefined {
  if (typeof spec === 'string') return { origin, requests: from(origin, spec), burst: undefined }
  const requests = readField(spec, origin, 'requests')
  if (requests === undefined) {
    report(
      requiredField(placeAtKey(origin), { owner, field: 'how many `requests`', example: 'requests: 100/s' }),
    )
    return undefined
  }
  return { origin, requests, burst: readField(spec, origin, 'burst') }
}
