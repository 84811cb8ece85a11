import type { ManifestObject } from '../manifest-object.ts'
import type { LimiterConfig, LimiterDescriptor } from '../model.ts'
import { hasOnly } from './has-only.ts'
import { readObject } from './read-object.ts'
import { mapAt, readText } from './values.ts'

/**
 * Reads a ConfigMap that holds nothing but the limits of a domain, in the form that the language writes: each descriptor is JSON on a
 * line of its own. Undefined: there is anything else in it. See https://github.com/envoyproxy/ratelimit#configuration
 */
export function readLimiterConfig(source: ManifestObject): LimiterConfig | undefined {
  if (readText(source.value, 'apiVersion') !== 'v1' || readText(source.value, 'kind') !== 'ConfigMap')
    return undefined
  const [text, ...others] = Object.values(mapAt(source.value, 'data') ?? {})
  const limits = typeof text === 'string' && others.length === 0 ? readLimits(text) : undefined
  return limits && { ...readObject(source), ...limits }
}

function readLimits(text: string): Pick<LimiterConfig, 'domain' | 'descriptors'> | undefined {
  const [, written, lines] = /^domain: (".*")\ndescriptors:\n((?: {2}- \{.*\}\n)+)$/.exec(text) ?? []
  if (written === undefined || lines === undefined) return undefined
  try {
    const domain: unknown = JSON.parse(written)
    const values = lines.trimEnd().split('\n')
    const descriptors = readLimiterDescriptors(
      values.map(line => JSON.parse(line.slice('  - '.length)) as unknown),
    )
    return typeof domain === 'string' && descriptors !== undefined ? { domain, descriptors } : undefined
  } catch {
    // YAML in another form is not JSON.
    return undefined
  }
}

function readLimiterDescriptors(values: unknown): readonly LimiterDescriptor[] | undefined {
  if (!Array.isArray(values)) return undefined
  const descriptors = values.flatMap(value => readLimiterDescriptor(value) ?? [])
  return descriptors.length === values.length ? descriptors : undefined
}

function readLimiterDescriptor(value: unknown): LimiterDescriptor | undefined {
  if (!hasOnly(value, ['key', 'value', 'rate_limit', 'descriptors'])) return undefined
  const { key, value: word, rate_limit: rate, descriptors: below = [] } = value
  if (typeof key !== 'string' || (word !== undefined && typeof word !== 'string')) return undefined
  const limit = rate === undefined ? undefined : readRate(rate)
  const descriptors = readLimiterDescriptors(below)
  if ((rate !== undefined && limit === undefined) || descriptors === undefined) return undefined
  return { key, value: word, rate: limit, descriptors }
}

function readRate(rate: unknown): LimiterDescriptor['rate'] {
  if (!hasOnly(rate, ['unit', 'requests_per_unit'])) return undefined
  const { unit, requests_per_unit: requests } = rate
  const milliseconds = units.get(unit)
  return milliseconds !== undefined && Number.isInteger(requests)
    ? { requests: Number(requests), milliseconds }
    : undefined
}

const units: ReadonlyMap<unknown, number> = new Map([
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
])
