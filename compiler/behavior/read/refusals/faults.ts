import type { SpecPath } from '../../../diagnostics/diagnostic.ts'
import { isMap, listAt, type ManifestMap, mapAt, readText, readTexts } from '../values.ts'

/**
 * The first part of a value that admission refuses, with its path from there; undefined: admission accepts all parts. Only a fault
 * has a path, since faults are very rare.
 */
export type Fault = RefusedPart | undefined

/** A part of an object for which admission refuses the object, and the fault in words. */
interface RefusedPart {
  readonly path: SpecPath
  readonly reason: string
}

/** The fault of a text, as a reason; undefined: nothing. */
export type Problem = string | undefined

export const makeFault = (reason: string, ...path: SpecPath): RefusedPart => ({ path, reason })

export const makeFaultIf = (isWrong: boolean, reason: string, ...path: SpecPath): Fault =>
  isWrong ? { path, reason } : undefined

/** A problem as a fault at a path. */
export const placeProblem = (problem: Problem, ...path: SpecPath): Fault =>
  problem === undefined ? undefined : { path, reason: problem }

const placeFault = (foundFault: Fault, ...path: SpecPath): Fault =>
  foundFault === undefined ? undefined : { ...foundFault, path: [...path, ...foundFault.path] }

/** Looks into the map that a field holds. */
export function checkMapAt(value: unknown, key: string, look: (held: ManifestMap) => Fault): Fault {
  const held = mapAt(value, key)
  return held === undefined ? undefined : placeFault(look(held), key)
}

/** Looks into each item of the list that a field holds. */
export function checkListAt(value: unknown, key: string, look: (item: unknown) => Fault): Fault {
  const list = listAt(value, key)
  for (let index = 0; index < list.length; index++) {
    const foundFault = look(list[index])
    if (foundFault !== undefined) return placeFault(foundFault, key, index)
  }
  return undefined
}

/** Looks at each text of the list that a field holds. */
export function checkTextsAt(value: unknown, key: string, look: (text: string) => Problem): Fault {
  const texts = readTexts(value, key)
  for (let index = 0; index < texts.length; index++) {
    const problem = look(texts[index]!)
    if (problem !== undefined) return makeFault(problem, key, index)
  }
  return undefined
}

/** Looks at each key of the map that a field holds, with its value. */
export function checkEntriesAt(
  value: unknown,
  key: string,
  look: (name: string, entry: unknown) => Fault,
): Fault {
  const map = mapAt(value, key)
  if (map === undefined) return undefined
  for (const name of Object.keys(map)) {
    const foundFault = look(name, map[name])
    if (foundFault !== undefined) return placeFault(foundFault, key, name)
  }
  return undefined
}

/** Checks that at most one of some fields is there. */
export function checkOneOf(value: ManifestMap, ...keys: readonly string[]): Fault {
  const present = keys.filter(key => isPresent(value, key))
  return present.length > 1
    ? makeFault(`${present.map(key => `\`${key}\``).join(' and ')} exclude each other`)
    : undefined
}

/** Tells whether a field is present, even if it is empty: CEL's `has`. */
export const isPresent = (value: unknown, key: string): boolean =>
  isMap(value) && Object.hasOwn(value, key) && value[key] !== null && value[key] !== undefined

/** Tells whether a list, map or text is missing or empty. For protobuf, an empty list is absent. */
export function isEmptyAt(value: unknown, key: string): boolean {
  const held = mapAt(value, key)
  if (held !== undefined) return Object.keys(held).length === 0
  return listAt(value, key).length === 0 && (readText(value, key) ?? '') === ''
}

/** The first text that a list contains twice. */
export function findRepeated(texts: readonly string[]): string | undefined {
  const seen = new Set<string>()
  for (const text of texts) {
    if (seen.has(text)) return text
    seen.add(text)
  }
  return undefined
}
