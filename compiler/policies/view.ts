import type { SpecPath } from '../diagnostics/diagnostic.ts'
import { Sourced, type SpecNode } from '../mesh/sourced.ts'
import { Absent } from './absent.ts'
import { expressionTypes, type TypeName } from './types.ts'

/** Notes the places of the values that an expression reads, in the order of the reads. */
export class Reads {
  #places: (SpecNode | SpecPath)[] = []

  /** @param place the place of a value in the spec, or the path of a value in a manifest */
  note(place: SpecNode | SpecPath | undefined): void {
    if (place !== undefined) this.#places.push(place)
  }

  /** Runs a function, and gives its result with the places that it read. */
  during<Result>(run: () => Result): {
    readonly result: Result
    readonly places: readonly (SpecNode | SpecPath)[]
  } {
    const before = this.#places
    const places: (SpecNode | SpecPath)[] = []
    this.#places = places
    try {
      return { result: run(), places }
    } finally {
      this.#places = before
      for (const place of places) before.push(place)
    }
  }
}

/** The value of a field: a scalar with its origin, or a value that notes reads itself. */
type Value = Sourced<string | number | boolean> | Absent | object | undefined

/**
 * Makes a value of a type of `types`. Its fields note the place of each scalar that is read. A field that is absent or empty
 * notes the place of the value itself.
 */
type MakeView = <Name extends TypeName>(
  name: Name,
  origin: SpecNode | undefined,
  values: { readonly [Field in keyof (typeof expressionTypes)[Name]]: Value | (() => Value) },
) => object

/** The class of each type, by which the engine distinguishes them, and the function that makes their values. */
export interface Views {
  readonly classes: Readonly<Record<string, new (origin: SpecNode | undefined, values: object) => object>>
  readonly make: MakeView
  list(items: readonly Sourced<string>[]): readonly unknown[]
  record(entries: Iterable<readonly [string, Value]>, type?: 'int' | 'double'): object
  /** Views any value of YAML, which the spec has at a place. */
  tree(value: unknown, node: SpecNode): unknown
}

export function makeViews(reads: Reads): Views {
  const classes: Record<string, new (origin: SpecNode | undefined, values: object) => object> = {}
  for (const [name, fields] of Object.entries(expressionTypes)) classes[name] = makeClass(fields, reads)
  return {
    classes,
    make: (name, origin, values) => new classes[name]!(origin, values),
    list(items) {
      // The engine does not accept a subclass of Array as a list, so the entries are getters.
      const list: unknown[] = []
      for (const [index, item] of items.entries())
        Object.defineProperty(list, index, { get: () => readValue(item, 'string', reads), enumerable: true })
      return list
    },
    record(entries, type) {
      return makeRecord([...entries].map(([key, value]) => [key, () => readValue(value, type, reads)]))
    },
    tree: (value, node) => viewTree(value, node, (place, key) => place.at(key), reads),
  }
}

/** Views any value of YAML: each part of a map or list notes its place when it is read. A whole number is a bigint, as CEL has it. */
export function viewTree<At extends SpecNode | SpecPath>(
  value: unknown,
  place: At,
  step: (place: At, key: string | number) => At,
  reads: Reads,
): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value !== 'object' || value === null) return value
  const list: unknown[] = []
  const entries = Object.entries(value).map(([key, part]): readonly [string, () => unknown] => {
    const inner = step(place, Array.isArray(value) ? Number(key) : key)
    let made: { readonly value: unknown } | undefined
    const get = () => {
      reads.note(inner)
      made ??= { value: viewTree(part, inner, step, reads) }
      return made.value
    }
    return [key, get]
  })
  if (!Array.isArray(value)) return makeRecord(entries)
  for (const [key, get] of entries) Object.defineProperty(list, key, { get, enumerable: true })
  return list
}

/** A map of CEL whose values are read on demand. The engine does not accept an object with the key `constructor` as a map. */
function makeRecord(entries: readonly (readonly [string, () => unknown])[]): ReadonlyMap<string, unknown> {
  const readers = new Map(entries)
  const list = function* (): Generator<[string, unknown]> {
    for (const [key, get] of readers) yield [key, get()]
  }
  return Object.defineProperties(new Map(entries.map(([key]) => [key, undefined])), {
    get: { value: (key: string) => readers.get(key)?.() },
    entries: { value: list },
    [Symbol.iterator]: { value: list },
  })
}

function makeClass(fields: Readonly<Record<string, string>>, reads: Reads) {
  const valuesOf = new WeakMap<object, Record<string, Value | (() => Value)>>()
  const origins = new WeakMap<object, SpecNode>()
  class View {
    constructor(origin: SpecNode | undefined, values: object) {
      valuesOf.set(this, { ...values })
      if (origin !== undefined) origins.set(this, origin)
    }
  }
  for (const [field, type] of Object.entries(fields))
    Object.defineProperty(View.prototype, field, {
      get(this: View) {
        const values = valuesOf.get(this)
        let value = values?.[field]
        if (values !== undefined && typeof value === 'function') {
          value = value()
          values[field] = value
        }
        if (value instanceof Absent) {
          reads.note(value.place ?? origins.get(this))
          return undefined
        }
        if (isAbsent(value)) reads.note(origins.get(this))
        return readValue(value as Value, type, reads) // a function has been called
      },
    })
  return View
}

const isAbsent = (value: unknown): boolean =>
  value === undefined ||
  (!(value instanceof Sourced) &&
    typeof value === 'object' &&
    ((Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0)))

/** A value as CEL has it: a whole number is a bigint. */
function readValue(value: Value, type: string | undefined, reads: Reads): unknown {
  if (!(value instanceof Sourced)) return value
  reads.note(value.place)
  const { value: plain } = value
  return typeof plain === 'number' && (type === 'int' || type === 'dyn') ? BigInt(plain) : plain
}
