import type { MeshSettings } from '../model.ts'
import type { Universe } from './diagrams/atoms.ts'

/**
 * Paths after normalization, without query and fragment. A path that a second normalization changes is not among them: the first
 * proxy turns `/a/%2e%2e;/b` into `/a/..;/b`, and the next one turns that into `/b`.
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
