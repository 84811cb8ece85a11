import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'
import type { Spec } from './mesh.ts'

/** Invisible characters: controls, marks of direction, zero-width characters, tags, halves of characters. */
const hiddenCharacters = [
  '\u0000',
  '\u001b[2J',
  '\u001b]0;owned\u0007',
  '\u007f',
  '\u0085',
  '\u009b31m',
  '\u00ad',
  '\u034f',
  '\u061c',
  '\u200b',
  '\u200e',
  '\u2028',
  '\u202e',
  '\u2066',
  '\u2069',
  '\u3164',
  '\ufeff',
  '\ud800',
  '\u{e0041}',
] as const

/** Words that some readers interpret: CI servers, Markdown, HTML, shells, templates, YAML, programs. */
const words = [
  '::error::evil',
  '::add-mask::evil',
  '##[error]evil',
  '##vso[task.setvariable variable=evil]1',
  '%0A::warning::evil',
  'https://evil.example/x',
  'HTTP://evil.example',
  'ftp://evil.example',
  'www.evil.example',
  'a@evil.example',
  'mailto:a@evil.example',
  '@octocat',
  '#1',
  'octo/cat#1',
  '`',
  '``',
  '<img src=https://evil.example/x>',
  '<!--',
  '-->',
  '</details>',
  '![x](https://evil.example/x)',
  '[x](javascript:evil)',
  '[x]: https://evil.example',
  '|',
  '\\|',
  '\\',
  '&#64;octocat',
  '{{ fail "evil" }}',
  '{{ $labels.evil }}',
  '<%= evil %>',
  '$(touch evil)',
  "'; touch evil; '",
  '"',
  '-f/etc/passwd',
  '--help',
  '=evil',
  '*/',
  '# evil',
  '---',
  '~~x~~',
  '[[evil]]',
  'command:evil',
  'e\u0301',
  '😀',
  'اسم',
] as const

/** Texts of one line that some readers interpret. All their characters are visible. */
export const hostileTexts: fc.Arbitrary<string> = joined(fc.constantFrom(...words))

/** The same texts with invisible characters and line ends. */
export const hiddenTexts: fc.Arbitrary<string> = fc
  .tuple(
    joined(fc.constantFrom(...words, ...hiddenCharacters, '\r\n', '\n', '\t')),
    fc.constantFrom(...hiddenCharacters),
  )
  .map(([text, hidden]) => `${text}${hidden}x`)

function joined(parts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(parts, fc.constantFrom('', ' ', 'x')), { minLength: 1, maxLength: 5 })
    .map(drawn => drawn.map(([word, space]) => `${word}${space}`).join(''))
}

/**
 * Puts these texts into the free-text fields of a spec, one after the other, as far as each field accepts
 * them.
 */
export function withTexts({ entry, documents }: Spec, texts: readonly string[]): Spec {
  const hasOwners = Object.values(documents).some(({ gateways }) =>
    Object.values(gateways ?? {}).some(gateway => gateway?.owners != null),
  )
  let count = 0
  const next = () => texts[count++ % texts.length]!
  // Services that select the same pods must still declare the same tokens.
  const replacements = new Map<string, string>()
  const replaceAlike = (value: string, make: () => string): string => {
    const replacement = replacements.get(value) ?? make()
    replacements.set(value, replacement)
    return replacement
  }
  const printable = (text: string, least: string) => text.replace(/[^!-~]/g, '') || least
  const free = (text: string) => text || 'x'
  const getFields = (key: string, field: string, value: string): string => {
    if (field === 'because') return free(next())
    if (field === 'owner' && key === 'waive') return free(next().slice(0, 50))
    // A team that owns paths of a gateway keeps its name.
    if (field === 'owner' && !hasOwners) return `x${next().replace(/[^-A-Za-z0-9_. @]/g, '')}`.slice(0, 63)
    if (field === 'issuer' && value.includes('://'))
      return replaceAlike(value, () => `${printable(next(), 'x')}${replacements.size}`)
    if (field === 'jwks')
      return replaceAlike(
        value,
        () => `https://keys.example/${printable(next(), '').replace(/["\\<>{}%]/g, '')}`,
      )
    return value
  }
  const replaced = (value: unknown, section: string, field: string, above: string): unknown => {
    if (typeof value === 'string')
      return above === 'annotations' && section === 'gateways' ? next() : getFields(section, field, value)
    if (Array.isArray(value)) return value.map(item => replaced(item, section, field, above))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([key, item]) => [key, replaced(item, section, key, field)])
    return { ...Object.fromEntries(entries), ...(isCall(value, field) && { because: free(next()) }) }
  }
  return {
    entry,
    documents: Object.fromEntries(
      Object.entries(documents).map(([file, document]) => [
        file,
        Object.fromEntries(
          Object.entries(document).map(([section, value]) => [
            section,
            section === 'raw' ? value : replaced(value, section, section, ''),
          ]),
          // The document has the same fields with other texts.
        ) as MeshFile,
      ]),
    ),
  }
}

/** Checks whether a map is an entry of `allow`, which may have a reason. */
const isCall = (value: object, field: string) => field === 'allow' && 'from' in value
