import type { SpecPath } from '../diagnostics/diagnostic.ts'

/** A path of a spec as a person writes it: `services.my-api.allow[0].from`. */
export const printSpecPath = (path: SpecPath): string =>
  path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[\w/-]+$/.test(step)) return `[${JSON.stringify(step)}]`
      return index === 0 ? step : `.${step}`
    })
    .join('')

/** Parses a path. Indexes of lists may be written as `[0]` or `.0`, keys with dots as `["a.b"]`. */
export function parseSpecPath(text: string): SpecPath | undefined {
  const path: (string | number)[] = []
  const step = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  while (step.lastIndex < text.length) {
    const match = step.exec(text)
    if (match === null) return undefined
    const [, word, index, quoted] = match
    if (quoted !== undefined) path.push(String(JSON.parse(quoted)))
    else path.push(index !== undefined ? Number(index) : /^\d+$/.test(word!) ? Number(word) : word!)
  }
  return path
}

/** A path within an object as a JSON pointer: `/spec/http/0/timeout`. */
export const printPointer = (path: SpecPath): string =>
  path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The steps that a JSON pointer means; numbers stay texts, since only the object knows which of its parts are lists. */
export const parsePointer = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .filter(step => step !== '')
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Makes the key that identifies a path. */
export const makePathKey = (path: SpecPath): string => path.join('\n')
