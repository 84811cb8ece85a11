import fc from 'fast-check'

/** Draws one value after the other, so that a value can depend on earlier values. */
export interface Draw {
  <T>(arbitrary: fc.Arbitrary<T>): T
  /** Draws an entry. */
  pick<T>(entries: readonly T[]): T
  /** Draws true in this share of a hundred cases. */
  percent(share: number): boolean
  /** Draws a field in this share of a hundred cases, and no field otherwise. */
  maybe<Key extends string, T>(share: number, key: Key, value: () => T): { readonly [K in Key]?: T }
  /** Draws some entries, in their order. Draws no entry only if `least` is 0. */
  some<T>(entries: readonly T[], least?: number, most?: number): readonly T[]
  /** Makes a list whose length is between two numbers. */
  times<T>(least: number, most: number, value: (index: number) => T): readonly T[]
}

/** Makes an arbitrary from a function of draws. It does not shrink: each of hundreds of parts depends on the parts before it. */
export const drawn = <T>(make: (draw: Draw) => T): fc.Arbitrary<T> => new Drawn(make)

/** fc.gen() draws from a copy of the stream of random numbers, so all entries of an array would be equal. */
class Drawn<T> extends fc.Arbitrary<T> {
  private readonly make: (draw: Draw) => T

  constructor(make: (draw: Draw) => T) {
    super()
    this.make = make
  }

  generate(random: fc.Random, bias: number | undefined): fc.Value<T> {
    const value = this.make(drawFrom(arbitrary => arbitrary.generate(random, bias).value))
    return new fc.Value(value, undefined)
  }

  canShrinkWithoutContext(_: unknown): _ is T {
    return false
  }

  shrink(): fc.Stream<fc.Value<T>> {
    return fc.Stream.nil()
  }
}

function drawFrom(draw: <T>(arbitrary: fc.Arbitrary<T>) => T): Draw {
  const pick = <T>(entries: readonly T[]): T => draw(fc.constantFrom(...entries))
  const percent = (share: number): boolean => draw(fc.nat({ max: 99 })) >= 100 - share
  const times = <T>(least: number, most: number, make: (index: number) => T): readonly T[] =>
    Array.from({ length: draw(fc.integer({ min: least, max: most })) }, (_, index) => make(index))
  return Object.assign(draw, {
    pick,
    percent,
    times,
    maybe: <Key extends string, T>(share: number, key: Key, make: () => T) =>
      // The map has at most this key.
      (percent(share) ? { [key]: make() } : {}) as { readonly [K in Key]?: T },
    some: <T>(entries: readonly T[], least = 1, most = entries.length): readonly T[] => {
      const bounds = { minLength: Math.min(least, entries.length), maxLength: Math.min(most, entries.length) }
      return draw(fc.subarray([...entries], bounds))
    },
  })
}
