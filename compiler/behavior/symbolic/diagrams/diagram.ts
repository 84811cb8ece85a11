import { measureAvailableMemory, reportFullMemory, spend } from '../../budget.ts'
import { classMembers, type Partition, Partitions, type Product } from './partition.ts'

/** A node of a diagram; equal functions are equal numbers, as long as they are of the same `Diagrams`. */
export type Node = number & { readonly node: unique symbol }

/** The dimensions of a request, in the order of diagrams, and how many atoms each has. */
type Dimensions = readonly { readonly name: string; readonly size: number }[]

/** Ends the building of a function that needs more memory than a question may use. The caller catches it and reports an unknown answer. */
export class TooManyNodes extends Error {}

/** The size of a node, in bytes, and of each of its children. */
const nodeBytes = 400
const childBytes = 16

/** The size of a remembered pair or triple of nodes while a function is made of them, in bytes. */
const resultBytes = 120

/** A part of the space: for each dimension the atoms it holds; a dimension that is not named is whole. */
export type Region = ReadonlyMap<number, readonly number[]>

/**
 * Functions from a finite space to values, as decision diagrams: a node asks for the atom of one dimension, a leaf is a
 * value. Equal nodes are one node, so that two functions are equal exactly if they are the same number.
 *
 * Wegener's "Branching Programs and Binary Decision Diagrams" has the theory; these have an edge for each class of atoms
 * that lead to one node.
 */
export class Diagrams<Value> {
  readonly dimensions: Dimensions
  readonly #keyOf: (value: Value) => string
  readonly #dimension: number[] = []
  /** The atoms that each of the children is for. */
  readonly #partition: (Partition | undefined)[] = []
  /** The children, all different. */
  readonly #children: (readonly Node[])[] = []
  readonly #partitions: readonly Partitions[]
  /** All atoms of a dimension as one class. */
  readonly #whole: readonly Partition[]
  readonly #values: Value[] = []
  readonly #nodes = new Map<string, Node>()
  readonly #leaves = new Map<string, Node>()
  readonly #mostBytes = measureAvailableMemory()
  #bytes = 0

  /** @param keyOf values of the same key are one */
  constructor(dimensions: Dimensions, keyOf: (value: Value) => string) {
    this.dimensions = dimensions
    this.#keyOf = keyOf
    this.#partitions = dimensions.map(() => new Partitions(bytes => this.#grow(bytes)))
    this.#whole = dimensions.map(({ size }, dimension) =>
      this.#partitions[dimension]!.partition(Array<number>(size).fill(0)),
    )
  }

  leaf(value: Value): Node {
    const key = this.#keyOf(value)
    spend(key.length / 10)
    const knownNode = this.#leaves.get(key)
    if (knownNode !== undefined) return knownNode
    const node = this.#add(this.dimensions.length, undefined, [], value)
    this.#leaves.set(key, node)
    return node
  }

  /** The function that tests an atom of one dimension, and continues with `yes` or `no`. */
  ask(dimension: number, atoms: readonly number[], yes: Node, no: Node): Node {
    const labels = Array<number>(this.dimensions[dimension]!.size).fill(0)
    for (const atom of atoms) labels[atom] = 1
    const partition = this.#partitions[dimension]!.partition(labels)
    return this.#node(
      dimension,
      partition,
      partition.first.map(atom => (labels[atom] === 1 ? yes : no)),
    )
  }

  isLeaf(node: Node): boolean {
    return this.#dimension[node] === this.dimensions.length
  }

  /** The value of a leaf. */
  valueOf(node: Node): Value {
    if (!this.isLeaf(node)) throw new Error('only a leaf has a value')
    return this.#values[node]!
  }

  /** The value at a point of the space, given as an atom for each dimension. */
  at(node: Node, point: readonly number[]): Value {
    let at = node
    while (!this.isLeaf(at))
      at = this.#children[at]![this.#partition[at]!.classes[point[this.#dimension[at]!]!]!]!
    return this.valueOf(at)
  }

  /**
   * Combines two functions.
   *
   * @param combine makes the value of two values; called once for each pair that occurs
   * @param short a result that needs no further search, if there is one
   */
  apply(
    left: Node,
    right: Node,
    combine: (left: Value, right: Value) => Value,
    short: (left: Node, right: Node) => Node | undefined = () => undefined,
  ): Node {
    const nodes = new Map<Node, Map<Node, Node>>()
    let results = 0
    const visit = (a: Node, b: Node): Node => {
      const quick = short(a, b)
      if (quick !== undefined) return quick
      const row = nodes.get(a) ?? new Map<Node, Node>()
      nodes.set(a, row)
      const node = row.get(b)
      if (node !== undefined) return node
      spend(1)
      const result = this.#both(a, b, visit) ?? this.leaf(combine(this.#values[a]!, this.#values[b]!))
      row.set(b, result)
      this.#grow(resultBytes)
      results++
      return result
    }
    const result = visit(left, right)
    this.#bytes -= results * resultBytes
    return result
  }

  /** The function without a dimension: the combined value of all its atoms. */
  some(node: Node, dimension: number, combine: (left: Value, right: Value) => Value): Node {
    const nodes = new Map<Node, Node>()
    const visit = (at: Node): Node => {
      spend(1)
      if (this.#dimension[at]! > dimension) return at
      const foundNode = nodes.get(at)
      if (foundNode !== undefined) return foundNode
      const children = this.#children[at]!
      const result =
        this.#dimension[at] === dimension
          ? children.reduce((a, b) => this.apply(a, b, combine))
          : this.#node(this.#dimension[at]!, this.#partition[at]!, children.map(visit))
      nodes.set(at, result)
      return result
    }
    return visit(node)
  }

  /** The function with other values. */
  map(node: Node, change: (value: Value) => Value): Node {
    return this.replace(node, value => this.leaf(change(value)))
  }

  /** The function with every leaf replaced by a function, which may test dimensions that the first has already tested. */
  replace(node: Node, change: (value: Value) => Node): Node {
    const leaves = this.leaves(node)
    if (leaves.every(leaf => this.isLeaf(change(this.valueOf(leaf))))) {
      const nodes = new Map<Node, Node>()
      const visit = (at: Node): Node => {
        spend(1)
        const foundNode = nodes.get(at)
        if (foundNode !== undefined) return foundNode
        const result = this.isLeaf(at)
          ? change(this.valueOf(at))
          : this.#node(this.#dimension[at]!, this.#partition[at]!, this.#children[at]!.map(visit))
        nodes.set(at, result)
        return result
      }
      return visit(node)
    }
    return leaves.reduce<Node>(
      (sum, leaf) =>
        this.choose(node, value => value === this.valueOf(leaf), change(this.valueOf(leaf)), sum),
      node,
    )
  }

  /** Chooses `yes` for requests whose `condition`, which is a function as well, has a true value, and `no` for the others. */
  choose(condition: Node, isTrue: (value: Value) => boolean, yes: Node, no: Node): Node {
    const nodes = new Map<string, Node>()
    const visit = (at: Node, a: Node, b: Node): Node => {
      if (a === b) return a
      if (this.isLeaf(at)) return isTrue(this.valueOf(at)) ? a : b
      const key = `${at},${a},${b}`
      const node = nodes.get(key)
      if (node !== undefined) return node
      const dimension = Math.min(this.#dimension[at]!, this.#dimension[a]!, this.#dimension[b]!)
      spend(1)
      const upper = this.#product(dimension, at, a)
      const { partition, left, right } = this.#productWith(dimension, upper.partition, b)
      const children = partition.first.map((_, first) =>
        visit(
          this.#child(at, dimension, upper.left[left[first]!]!),
          this.#child(a, dimension, upper.right[left[first]!]!),
          this.#child(b, dimension, right[first]!),
        ),
      )
      const result = this.#node(dimension, partition, children)
      nodes.set(key, result)
      this.#grow(resultBytes)
      return result
    }
    const result = visit(condition, yes, no)
    this.#bytes -= nodes.size * resultBytes
    return result
  }

  /** The leaves that a function can reach, in the order in which they are found. */
  leaves(node: Node): readonly Node[] {
    const seen = new Set<Node>()
    const nodes: Node[] = []
    const visit = (at: Node) => {
      spend(1)
      if (seen.has(at)) return
      seen.add(at)
      if (this.isLeaf(at)) nodes.push(at)
      else for (const child of this.#children[at]!) visit(child)
    }
    visit(node)
    return nodes
  }

  /** The smallest point, atom by atom, whose value has the property; undefined if there is none. */
  pointWhere(node: Node, isAsked: (value: Value) => boolean): readonly number[] | undefined {
    const dead = new Set<Node>()
    const visit = (at: Node): readonly (readonly [number, number])[] | undefined => {
      spend(1)
      if (dead.has(at)) return undefined
      if (this.isLeaf(at)) {
        if (isAsked(this.valueOf(at))) return []
      } else
        for (const [ownAtom, child] of this.#children[at]!.entries()) {
          const rest = visit(child)
          if (rest !== undefined)
            return [[this.#dimension[at]!, this.#partition[at]!.first[ownAtom]!], ...rest]
        }
      dead.add(at)
      return undefined
    }
    const path = visit(node)
    if (path === undefined) return undefined
    const point = Array<number>(this.dimensions.length).fill(0)
    for (const [dimension, atom] of path) point[dimension] = atom
    return point
  }

  /**
   * The parts of the space whose value has the property. They are disjoint and complete. Atoms that lead to one node are one part.
   *
   * @param limit the largest number of parts; further parts are omitted
   */
  regionsWhere(node: Node, isAsked: (value: Value) => boolean, limit = Infinity): readonly Region[] {
    const regions: Region[] = []
    const reaches = new Map<Node, boolean>()
    const canReach = (at: Node): boolean => {
      spend(1)
      const reach = reaches.get(at)
      if (reach !== undefined) return reach
      const can = this.isLeaf(at) ? isAsked(this.valueOf(at)) : this.#children[at]!.some(canReach)
      reaches.set(at, can)
      return can
    }
    const visit = (at: Node, region: Region) => {
      if (regions.length >= limit || !canReach(at)) return
      if (this.isLeaf(at)) {
        regions.push(region)
        return
      }
      const members = classMembers(this.#partition[at]!)
      for (const [number, child] of this.#children[at]!.entries())
        visit(child, new Map([...region, [this.#dimension[at]!, members[number]!]]))
    }
    visit(node, new Map())
    return regions
  }

  /** Counts the parts that `regionsWhere` lists. */
  countWhere(node: Node, isAsked: (value: Value) => boolean): number {
    const counts = new Map<Node, number>()
    const visit = (at: Node): number => {
      spend(1)
      const counted = counts.get(at)
      if (counted !== undefined) return counted
      const count = this.isLeaf(at)
        ? Number(isAsked(this.valueOf(at)))
        : this.#children[at]!.reduce((sum, child) => sum + visit(child), 0)
      counts.set(at, count)
      return count
    }
    return visit(node)
  }

  #both(a: Node, b: Node, visit: (a: Node, b: Node) => Node): Node | undefined {
    const dimension = Math.min(this.#dimension[a]!, this.#dimension[b]!)
    if (dimension === this.dimensions.length) return undefined
    const { partition, left, right } = this.#product(dimension, a, b)
    const children = partition.first.map((_, first) =>
      visit(this.#child(a, dimension, left[first]!), this.#child(b, dimension, right[first]!)),
    )
    return this.#node(dimension, partition, children)
  }

  /** The classes of a dimension that two nodes distinguish together. */
  #product(dimension: number, a: Node, b: Node): Product {
    return this.#productWith(dimension, this.#partitionAt(dimension, a), b)
  }

  #productWith(dimension: number, partition: Partition, node: Node): Product {
    return this.#partitions[dimension]!.product(partition, this.#partitionAt(dimension, node))
  }

  /** The classes that a node distinguishes. All atoms are one class if the node does not test the dimension. */
  #partitionAt(dimension: number, node: Node): Partition {
    return this.#dimension[node] === dimension ? this.#partition[node]! : this.#whole[dimension]!
  }

  #child(node: Node, dimension: number, atom: number): Node {
    return this.#dimension[node] === dimension ? this.#children[node]![atom]! : node
  }

  #node(dimension: number, partition: Partition, children: readonly Node[]): Node {
    const first = children[0]!
    spend(children.length)
    if (children.every(child => child === first)) return first
    const numbers = new Map<Node, number>()
    for (const child of children) if (!numbers.has(child)) numbers.set(child, numbers.size)
    const distinct = [...numbers.keys()]
    const classes =
      distinct.length === children.length
        ? partition
        : this.#partitions[dimension]!.merged(
            partition,
            children.map(child => numbers.get(child)!),
          )
    const key = `${dimension}:${classes.number}:${distinct.join()}`
    const knownNode = this.#nodes.get(key)
    if (knownNode !== undefined) return knownNode
    const node = this.#add(dimension, classes, distinct, undefined)
    this.#nodes.set(key, node)
    return node
  }

  #grow(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes <= this.#mostBytes) return
    reportFullMemory()
    throw new TooManyNodes()
  }

  #add(
    dimension: number,
    partition: Partition | undefined,
    children: readonly Node[],
    value: Value | undefined,
  ): Node {
    // A child is a number in the list, and some digits of the key.
    this.#grow(nodeBytes + childBytes * children.length)
    this.#dimension.push(dimension)
    this.#partition.push(partition)
    this.#children.push(children)
    // Only leaves have a value.
    this.#values.push(value as Value)
    // The number of a node is its place in the lists.
    return (this.#dimension.length - 1) as Node
  }
}
