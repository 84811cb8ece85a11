/**
 * A map with keys of a user, as a value that inherits nothing: a label that is called `constructor` is one that is there, or
 * is not there. The class spares V8 the slow form that it gives to objects without a prototype.
 */
export function plainRecord<Value>(
  ...sources: readonly Readonly<Record<string, Value>>[]
): Record<string, Value> {
  // It has no properties but those that are assigned.
  const record = new PlainRecord() as Record<string, Value>
  for (const source of sources) for (const key of Object.keys(source)) record[key] = source[key]!
  return record
}

class PlainRecord {}
Object.setPrototypeOf(PlainRecord.prototype, null)
Reflect.deleteProperty(PlainRecord.prototype, 'constructor')
