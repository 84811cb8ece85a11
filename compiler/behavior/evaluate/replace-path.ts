import type { HttpMatch } from '../model.ts'
import { dropQuery, getQuery } from './paths.ts'

/** A path after a rewrite: a prefix match replaces the prefix, every other match the whole path except the query. */
export function replacePath(match: HttpMatch | undefined, by: string, path: string): string {
  const plain = dropQuery(path)
  const uri = match?.uri
  const length =
    uri === undefined || uri.match === 'present'
      ? 1
      : uri.match === 'prefix'
        ? uri.value.length
        : plain.length
  return by + plain.slice(length) + getQuery(path)
}
