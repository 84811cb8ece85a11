import type { MeshSettings } from '../model.ts'
import type { Universe } from './diagrams/atoms.ts'

/**
 * Paths as they are after normalization, without query and fragment. A path that normalization changes once
 * more is none of them: of `/a/%2e%2e;/b`, the first proxy makes `/a/..;/b`, and the next one `/b`.
 */
export function makePathUniverse(
  normalization: MeshSettings['pathNormalization'],
): Universe & { kind: 'language' } {
  if (normalization === 'NONE') return { kind: 'language', expression: '/[!"$->@-~]*' }
  const plain = "A-Za-z0-9\\-_~!$&'()*+,=:@%\\[\\]"
  const char = `${plain};`
  const any = `[${char}.]`
  // No segment is `.` or `..`, also with parameters: this proxy takes those out, or the next one does.
  const segment = `(?:[${char}]|\\.[${plain}]|\\.\\.[${plain}.])${any}*`
  return normalization === 'BASE'
    ? { kind: 'language', expression: `(?:/(?:${segment})?)+`, withoutEscapes: needless }
    : {
        kind: 'language',
        expression: `/(?:/|${segment}(?:/${segment})*/?)?`,
        withoutEscapes: normalization === 'MERGE_SLASHES' ? needless : needlessOrSlashes,
      }
}

/** The codes of letters, digits and four signs, which lose their escape, and of the null character, which is refused. */
const needless: ReadonlySet<number> = new Set(
  Array.from({ length: 128 }, (_, code) => code).filter(
    code => code === 0 || /[\w.~-]/.test(String.fromCharCode(code)),
  ),
)
const needlessOrSlashes: ReadonlySet<number> = new Set([...needless, 0x2f, 0x5c])
