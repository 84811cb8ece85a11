import { plainRecord } from '../plain-record.ts'

/** A part of a manifest with a value of the wrong type is as good as absent: Kubernetes refuses it. */

export type ManifestMap = Readonly<Record<string, unknown>>

export const isMap = (value: unknown): value is ManifestMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const mapAt = (value: unknown, key: string): ManifestMap | undefined => {
  const held = getField(value, key)
  return isMap(held) ? held : undefined
}

export const listAt = (value: unknown, key: string): readonly unknown[] => {
  const held = getField(value, key)
  return Array.isArray(held) ? held : emptyList
}

export const readText = (value: unknown, key: string): string | undefined => {
  const held = getField(value, key)
  if (typeof held === 'string') return held
  return typeof held === 'number' || typeof held === 'boolean' ? String(held) : undefined
}

export const numberAt = (value: unknown, key: string): number | undefined => {
  const held = getField(value, key)
  return typeof held === 'number' ? held : undefined
}

export const isTrueAt = (value: unknown, key: string): boolean => getField(value, key) === true

export const readTexts = (value: unknown, key: string): readonly string[] => {
  const list = listAt(value, key)
  return list.length === 0 ? emptyList : list.map(String)
}

/** A map of texts, such as labels. */
export const readLabels = (value: unknown, key: string): Readonly<Record<string, string>> => {
  const map = mapAt(value, key)
  if (map === undefined) return noLabels
  const labels = plainRecord<string>()
  for (const name of Object.keys(map)) if (map[name] !== null) labels[name] = String(map[name])
  return labels
}

/** A duration as protobuf writes it in JSON (`1.5s`), or Go (`1m30s`), in milliseconds. */
export const readDuration = (value: unknown, key: string): number | undefined => {
  const text = readText(value, key)
  if (text === undefined) return undefined
  let sum = 0
  for (const [, count, unit = ''] of text.matchAll(/([\d.]+)(h|ms|us|µs|ns|m|s)/g))
    sum += Number(count) * millisecondsOf[unit]!
  return sum
}

const millisecondsOf: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
}

const emptyList: readonly never[] = []

const noLabels: Readonly<Record<string, string>> = plainRecord()

const getField = (value: unknown, key: string): unknown =>
  isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined
