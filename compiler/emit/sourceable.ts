import { Sourced } from '../mesh/sourced.ts'

/**
 * The value that an emitter may write where the target schema says T: the value, or the value with its origins, at
 * every level. A field that is undefined is left out.
 */
export type Sourceable<T> = Bare<T> | Sourced<Bare<T>>

/** The same without origins round the whole of it. */
export type Bare<T> = T extends readonly (infer Item)[]
  ? readonly Sourceable<Item>[]
  : T extends object
    ? {
        readonly [Key in keyof T]:
          | Sourceable<Exclude<T[Key], undefined>>
          | (undefined extends T[Key] ? undefined : never)
      }
    : T

/** The value out of its origins. */
export const unwrapValue = <T>(value: Sourceable<T>): Bare<T> =>
  value instanceof Sourced ? value.value : value
