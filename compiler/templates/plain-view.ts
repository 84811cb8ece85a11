import { findTypeFields } from '../policies/types.ts'

/**
 * Converts a value for policies to one for templates: lists, and objects without a prototype, which have only the fields of their
 * type. Each field is made when it is first read.
 *
 * @param type the type of the value in the words of `types`
 */
export function makePlain(value: unknown, type: string): unknown {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object') return value
  const inner = /^(?:list<|map<string, )(.*)>$/.exec(type)?.[1] ?? 'dyn'
  if (Array.isArray(value)) return Array.from(value, item => makePlain(item, inner))
  if (value instanceof Map) return makeLazy([...value.keys()], key => makePlain(value.get(key), inner))
  const fields = findTypeFields(type)
  if (fields === undefined) throw new Error(`a template cannot read a value of the type ${type}`)
  return makeLazy(Object.keys(fields), field => makePlain(Reflect.get(value, field), fields[field]!))
}

function makeLazy(keys: readonly string[], make: (key: string) => unknown): object {
  const made: Record<string, unknown> = Object.create(null)
  for (const key of keys)
    Object.defineProperty(made, key, {
      get() {
        const value = make(key)
        Object.defineProperty(made, key, { value, enumerable: true })
        return value
      },
      enumerable: true,
      configurable: true,
    })
  return made
}
