import { memo } from '../../../basics/memo.ts'

/** Makes a function that gives lists of the same numbers one number: 0, 1 and so on, in the order in which they come. */
export function numberLists(): (list: readonly number[]) => number {
  const numbers = new Map<string, number>()
  return memo(list => {
    const key = list.join()
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    return number
  })
}
