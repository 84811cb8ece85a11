import { isMap } from '../source/document.ts'

/**
 * The difference between two JSON values, as JSON. A scalar is the value itself. `[0, value]` is the value, too. If both values are
 * maps with the same keys in the same order, the difference is a map of patches for the keys whose values differ. `[1, ...steps]`
 * makes one list from another: a positive number copies so many of the next values, and a negative number skips so many; `[0, value]`
 * inserts a value; another patch changes the next value.
 */
export type Patch = Scalar | readonly [0, unknown] | PatchOfMap | readonly [1, ...(number | Patch)[]]

type Scalar = string | number | boolean | null

interface PatchOfMap {
  readonly [key: string]: Patch
}

/** Makes the patch by which `applyPatch` gives a value that is written as this one: with its keys in their order. */
export function makePatch(value: unknown, base: unknown): Patch {
  if (isScalar(value)) return value
  const patch =
    Array.isArray(value) && Array.isArray(base)
      ? patchList(value, base)
      : isMap(value) && isMap(base)
        ? patchMap(value, base)
        : undefined
  // A value that is hardly alike is shorter than its patch.
  return patch !== undefined && JSON.stringify(patch).length < JSON.stringify(value).length + 4
    ? patch
    : [0, value]
}

/** Makes the value of a patch. Parts that both values share are the same objects. */
export function applyPatch(patch: Patch, base: unknown): unknown {
  if (isScalar(patch)) return patch
  if (isPatchOfMap(patch)) {
    const entries = Object.entries(base as Readonly<Record<string, unknown>>)
    return Object.fromEntries(
      entries.map(([key, value]) => [
        key,
        Object.hasOwn(patch, key) ? applyPatch(patch[key]!, value) : value,
      ]),
    )
  }
  if (patch[0] === 0) return patch[1]
  const [, ...steps] = patch
  const list: unknown[] = []
  let place = 0
  for (const step of steps) {
    if (typeof step === 'number') {
      if (step > 0) list.push(...(base as readonly unknown[]).slice(place, place + step))
      place += Math.abs(step)
    } else if (Array.isArray(step) && step[0] === 0) list.push(step[1])
    else list.push(applyPatch(step, (base as readonly unknown[])[place++]))
  }
  return list
}

const isScalar = (value: unknown): value is Scalar => typeof value !== 'object' || value === null

const isPatchOfMap = (patch: Exclude<Patch, Scalar>): patch is PatchOfMap => !Array.isArray(patch)

function patchMap(
  value: Readonly<Record<string, unknown>>,
  base: Readonly<Record<string, unknown>>,
): PatchOfMap | undefined {
  const [keys, baseKeys] = [listKeys(value), listKeys(base)]
  if (keys.length !== baseKeys.length || keys.some((key, index) => key !== baseKeys[index])) return undefined
  return Object.fromEntries(
    keys
      .filter(key => JSON.stringify(value[key]) !== JSON.stringify(base[key]))
      .map(key => [key, makePatch(value[key], base[key])]),
  )
}

/** Lists the keys that JSON has. */
const listKeys = (value: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(value).filter(key => value[key] !== undefined)

function patchList(list: readonly unknown[], base: readonly unknown[]): Patch {
  const [texts, baseTexts] = [list, base].map(values => values.map(value => JSON.stringify(value)))
  const steps: (number | Patch)[] = []
  const add = (step: number | Patch) => {
    const last = steps.at(-1)
    if (typeof step === 'number' && typeof last === 'number' && step > 0 === last > 0)
      steps[steps.length - 1] = last + step
    else if (step !== 0) steps.push(step)
  }
  let place = 0
  for (const [index, match] of matchLists(texts!, baseTexts!).entries()) {
    if (match === undefined) {
      add([0, list[index]])
      continue
    }
    add(place - match)
    place = match + 1
    if (texts![index] === baseTexts![match]) {
      add(1)
      continue
    }
    const patch = makePatch(list[index], base[match])
    const isWhole = isScalar(patch) || (!isPatchOfMap(patch) && patch[0] === 0)
    if (isWhole) add(-1)
    add(isWhole ? [0, list[index]] : patch)
  }
  return [1, ...steps]
}

/** Matches the values of a list with those of another one, in order: equal values, and between them values that differ only in numbers. */
function matchLists(texts: readonly string[], baseTexts: readonly string[]): readonly (number | undefined)[] {
  const matches: (number | undefined)[] = new Array(texts.length)
  const [shapes, baseShapes] = [texts, baseTexts].map(all => all.map(text => text.replaceAll(/\d+/g, '0')))
  let [index, place] = [0, 0]
  const equal = alignTexts(texts, baseTexts)
  for (const [nextIndex, nextPlace] of [...equal, [texts.length, baseTexts.length] as const]) {
    const between = alignTexts(shapes!.slice(index, nextIndex), baseShapes!.slice(place, nextPlace))
    for (const [first, second] of between) matches[index + first] = place + second
    if (nextIndex < texts.length) matches[nextIndex] = nextPlace
    index = nextIndex + 1
    place = nextPlace + 1
  }
  return matches
}

/** Aligns equal texts of two lists: pairs of indices that both increase, as many as can be. */
function alignTexts(
  texts: readonly string[],
  others: readonly string[],
): readonly (readonly [number, number])[] {
  let start = 0
  while (start < texts.length && start < others.length && texts[start] === others[start]) start++
  let rest = Math.min(texts.length, others.length) - start
  let end = 0
  while (rest > 0 && texts.at(-1 - end) === others.at(-1 - end)) {
    end++
    rest--
  }
  const places = new Map<string, number[]>()
  for (let place = others.length - end - 1; place >= start; place--) {
    const same = places.get(others[place]!)
    if (same === undefined) places.set(others[place]!, [place])
    else same.push(place)
  }
  const pairs: (readonly [number, number])[] = []
  for (let index = start; index < texts.length - end; index++) {
    const place = places.get(texts[index]!)?.pop()
    if (place !== undefined) pairs.push([index, place])
  }
  const count = (length: number, from: number, to: number) =>
    Array.from({ length }, (_, each) => [from + each, to + each] as const)
  return [
    ...count(start, 0, 0),
    ...chooseIncreasing(pairs),
    ...count(end, texts.length - end, others.length - end),
  ]
}

/** Chooses a longest subsequence of pairs whose second numbers increase. */
function chooseIncreasing(
  pairs: readonly (readonly [number, number])[],
): readonly (readonly [number, number])[] {
  // The pair that ends the best part of each length, and the pair before each.
  const ends: number[] = []
  const before: (number | undefined)[] = []
  for (const [number, [, place]] of pairs.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (pairs[ends[middle]!]![1] < place) low = middle + 1
      else high = middle
    }
    before[number] = ends[low - 1]
    ends[low] = number
  }
  const chosen: (readonly [number, number])[] = []
  for (let number = ends.at(-1); number !== undefined; number = before[number]) chosen.push(pairs[number]!)
  return chosen.reverse()
}
