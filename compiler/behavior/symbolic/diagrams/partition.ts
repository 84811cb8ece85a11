import { weakMemo } from '../../../basics/weak-memo.ts'
import { spend } from '../../budget.ts'

/** The atoms of a dimension in classes, which are numbered in the order of their first atoms. */
export interface Partition {
  /** Its place among all of the dimension. */
  readonly number: number
  /** The class of each atom. */
  readonly classes: readonly number[]
  /** The first atom of each class. */
  readonly first: readonly number[]
}

/** The atoms of each class of a partition. */
export const classMembers = weakMemo(({ classes, first }: Partition): readonly (readonly number[])[] => {
  const members = first.map((): number[] => [])
  for (const [atom, number] of classes.entries()) members[number]!.push(atom)
  return members
})

/** The product of two partitions. For each class of the product, it has the class in either partition that contains it. */
export interface Product {
  readonly partition: Partition
  readonly left: readonly number[]
  readonly right: readonly number[]
}

/**
 * The partitions of one dimension; equal partitions are one object. A dimension may have thousands of atoms, but a function
 * distinguishes few classes. All work on functions is by classes, and results for two partitions are cached.
 */
export class Partitions {
  readonly #known = new Map<string, Partition>()
  readonly #products = new Map<Partition, Map<Partition, Product>>()
  readonly #merged = new Map<Partition, Map<string, Partition>>()
  readonly #grow: (bytes: number) => void

  /** @param grow hears of each partition that is kept, and how many bytes it takes */
  constructor(grow: (bytes: number) => void) {
    this.#grow = grow
  }

  /** @param labels the common label of the atoms of one class, for each atom */
  partition(labels: readonly number[]): Partition {
    spend(labels.length)
    const numbers = new Map<number, number>()
    const first: number[] = []
    const classes = labels.map((label, atom) => {
      const knownNumber = numbers.get(label)
      if (knownNumber !== undefined) return knownNumber
      numbers.set(label, first.length)
      return first.push(atom) - 1
    })
    const key = classes.join()
    const knownPartition = this.#known.get(key)
    if (knownPartition !== undefined) return knownPartition
    this.#grow(labels.length * bytesOfAtom)
    const partition = { number: this.#known.size, classes, first }
    this.#known.set(key, partition)
    return partition
  }

  product(a: Partition, b: Partition): Product {
    const row = this.#products.get(a) ?? new Map<Partition, Product>()
    this.#products.set(a, row)
    const knownRow = row.get(b)
    if (knownRow !== undefined) return knownRow
    const size = b.first.length
    const partition = this.partition(a.classes.map((label, atom) => label * size + b.classes[atom]!))
    const product = {
      partition,
      left: partition.first.map(atom => a.classes[atom]!),
      right: partition.first.map(atom => b.classes[atom]!),
    }
    row.set(b, product)
    return product
  }

  /** @param labels the common label of the classes that become one, for each class */
  merged(partition: Partition, labels: readonly number[]): Partition {
    const row = this.#merged.get(partition) ?? new Map<string, Partition>()
    this.#merged.set(partition, row)
    const key = labels.join()
    const knownRow = row.get(key)
    if (knownRow !== undefined) return knownRow
    const merged = this.partition(partition.classes.map(label => labels[label]!))
    row.set(key, merged)
    return merged
  }
}

/** The size of an atom in a partition: its class, and some digits of the key. */
const bytesOfAtom = 12
