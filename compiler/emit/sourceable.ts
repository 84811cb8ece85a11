import { Sourced } from '../mesh/sourced.ts'

/**
 * A value that an emitter may write for the type T of the target schema: the value, or the value with its origins, at every level.
 * The printer omits an undefined field.
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
