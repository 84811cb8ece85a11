/** A map of a manifest whose fields no code has checked yet. */
export type Fields = Readonly<Record<string, unknown>>

/** Returns the fields of a map, and no fields of any other value. */
export const getFields = (value: unknown): Fields =>
  // An object that is not a list is a map of fields.
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

export const readList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const getText = (value: unknown): string => (typeof value === 'string' ? value : '')

export const listTexts = (value: unknown): readonly string[] =>
  readList(value).filter(first => typeof first === 'string')
