import { z } from 'zod'

/**
 * A map of a spec that layers merge by key: every field may be absent, since another layer may set it,
 * and may be null, since null removes what a lower layer set. What must be there in the end, resolve asks for.
 */
export function defineSection<Shape extends Readonly<Record<string, z.ZodType>>>(shape: Shape) {
  const fields = Object.entries(shape).map(([name, field]) => [name, layered(field)] as const)
  // Object.fromEntries forgets which field has which type; the keys and their types are the shape's.
  return z.strictObject(Object.fromEntries(fields) as { [Name in keyof Shape]: Layered<Shape[Name]> })
}

/** A map from names that the user chooses to entries that layers merge, or remove with null. */
export function defineNamed<Key extends z.core.$ZodRecordKey, Entry extends z.ZodType>(
  key: Key,
  entry: Entry,
) {
  return z.record(key, entry.nullable())
}

type Layered<Field extends z.ZodType> = z.ZodOptional<z.ZodNullable<Field>>

/** A field keeps its description and examples where an editor looks for them: outside the null. */
function layered<Field extends z.ZodType>(field: Field): Layered<Field> {
  const { description, examples } = field.meta() ?? {}
  return field.nullable().optional().meta({ description, examples })
}

/** The spec after its layers are merged: the nulls have done their work and are gone. */
export type Merged<T> = T extends null
  ? never
  : T extends readonly (infer Item)[]
    ? readonly Merged<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Merged<T[Key]> }
      : T
