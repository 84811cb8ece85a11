import { spend } from '../../budget.ts'
import type { CodePointSet } from './machine.ts'

/**
 * The code points, divided into classes that no set of some distinguishes. A set of Unicode has hundreds of ranges, but divides one
 * class into only two.
 */
export class Alphabet {
  readonly size: number
  /** The first code point of each interval, and the class of the interval. */
  readonly #starts: readonly number[]
  readonly #classes: readonly number[]
  readonly #ranges: readonly (readonly (readonly [number, number])[])[]
  readonly #ascii: number[] = []
  readonly #known = new Map<number, number>()
  #usual: readonly number[] | undefined

  constructor(sets: readonly CodePointSet[]) {
    const distinct = [...new Map(sets.map(set => [set.join(), set])).values()]
    const bounds = new Set([0])
    for (const set of distinct)
      for (let index = 0; index < set.length; index += 2) {
        bounds.add(set[index]!)
        bounds.add(set[index + 1]! + 1)
      }
    this.#starts = [...bounds].filter(start => start <= lastCodePoint).sort((a, b) => a - b)
    const places = new Map(this.#starts.map((start, place) => [start, place]))
    const classes = this.#starts.map(() => 0)
    let size = 1
    for (const set of distinct) {
      // The classes that the set divides. The part inside the set becomes a new class.
      spend(this.#starts.length)
      const inside = new Map<number, number>()
      for (let index = 0; index < set.length; index += 2)
        for (let at = places.get(set[index]!)!; (this.#starts[at] ?? Infinity) <= set[index + 1]!; at++) {
          const before = classes[at]!
          const now = inside.get(before) ?? size++
          inside.set(before, now)
          classes[at] = now
        }
    }
    // Classes that lost all they had leave gaps in the numbers.
    const numbers = new Map([...new Set(classes)].map((name, number) => [name, number]))
    this.#classes = classes.map(name => numbers.get(name)!)
    this.size = numbers.size
    const ranges: [number, number][][] = Array.from({ length: this.size }, () => [])
    for (const [place, start] of this.#starts.entries())
      ranges[this.#classes[place]!]!.push([start, (this.#starts[place + 1] ?? lastCodePoint + 1) - 1])
    this.#ranges = ranges
  }

  /** The class that has a code point. */
  classOf(codePoint: number): number {
    const knownClass = codePoint < 128 ? this.#ascii[codePoint] : this.#known.get(codePoint)
    if (knownClass !== undefined) return knownClass
    let low = 0
    let high = this.#starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#starts[middle]! <= codePoint) low = middle
      else high = middle
    }
    const letter = this.#classes[low]!
    if (codePoint < 128) this.#ascii[codePoint] = letter
    else this.#known.set(codePoint, letter)
    return letter
  }

  /** The most readable member of each class that is not taken; a class may have none. */
  representatives(taken: ReadonlySet<number>): readonly number[] {
    // No class is empty.
    this.#usual ??= this.#ranges.map(ranges => mostReadable(ranges, new Set())!)
    return this.#usual.flatMap((usual, number) =>
      taken.has(usual) ? (mostReadable(this.#ranges[number]!, taken) ?? []) : usual,
    )
  }
}

const lastCodePoint = 0x10ffff

function mostReadable(
  ranges: readonly (readonly [number, number])[],
  taken: ReadonlySet<number>,
): number | undefined {
  for (const [from, to] of pleasant)
    for (const [first, last] of ranges) {
      if (first > to) break
      for (let candidate = Math.max(first, from); candidate <= Math.min(last, to); candidate++)
        if (!taken.has(candidate)) return candidate
    }
  return undefined
}

/** Small letters, digits, capitals, characters of paths, the rest of ASCII, a percent sign, and all other characters. */
const pleasant: readonly (readonly [number, number])[] = [
  [97, 122],
  [48, 57],
  [65, 90],
  [45, 47],
  [33, 36],
  [38, 126],
  [37, 37],
  [0, lastCodePoint],
]
