import { isMap } from '../source/document.ts'

/** Names an object: `Kind/namespace/name`, or `Kind/name` without a namespace. */
export function nameOfObject(object: unknown): string {
  const { kind, metadata } = isMap(object) ? object : {}
  const { namespace, name } = isMap(metadata) ? metadata : {}
  return [kind, namespace, name]
    .filter((word): word is string => typeof word === 'string' && word !== '')
    .join('/')
}
