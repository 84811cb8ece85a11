/**
 * A map with keys of a user, as a value that inherits no properties: a label named `constructor` is present only if the user set it.
 * The class avoids V8's slow form for objects without a prototype.
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
