/** A list that holds each value once, by its key. */
export class NumberedList<Value> {
  readonly values: Value[] = []
  private readonly numbers = new Map<string, number>()
  private readonly keyOf: (value: Value) => string

  constructor(keyOf: (value: Value) => string) {
    this.keyOf = keyOf
  }

  /** Adds a value unless it is there, and gives its number. */
  add(value: Value): number {
    const key = this.keyOf(value)
    const number = this.numbers.get(key) ?? this.values.push(value) - 1
    this.numbers.set(key, number)
    return number
  }
}
