import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { getTexts, specs } from './mesh.ts'
import { pick } from './names.ts'

/** The texts of a spec, with damage in one text. */
interface NearYaml {
  readonly entry: string
  readonly texts: Readonly<Record<string, string>>
}

const root = new URL('../../', import.meta.url)
const committed: readonly NearYaml[] = readdirSync(new URL('spec/', root), { recursive: true })
  .map(file => `spec/${String(file).replaceAll('\\', '/')}`)
  .filter(file => file.endsWith('/mesh.yaml'))
  .sort()
  .map(entry => ({ entry, texts: textsIn('spec/') }))

function textsIn(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(new URL(folder, root), { recursive: true })
    .map(file => `${folder}${String(file).replaceAll('\\', '/')}`)
    .filter(file => file.endsWith('.yaml'))
  return Object.fromEntries(files.map(file => [file, readFileSync(new URL(file, root), 'utf8')]))
}

const weirdScalars = [
  '!!js/function "x"',
  '!!binary aGk=',
  '&a [*a]',
  '*unknown',
  '&x 1',
  '.inf',
  '-.NaN',
  '0x1F',
  '0o17',
  '1e400',
  '-0',
  '1_000',
  '2001-01-01',
  '~',
  '""',
  "''",
  '"\\u0000"',
  '"\\uD800"',
  '|',
  '>-',
  '? a',
  '- - -',
  '{',
  '[[[[',
  '}',
  '%YAML 1.3',
  '--- x',
  '...',
  '@',
  '`',
  '"unclosed',
  '\t',
  '# only a comment',
  '\u0085',
  '\u2028',
  '\uFEFF',
  'x'.repeat(70_000),
]
const hostileKeys = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '<<',
  '""',
  '" "',
  '0',
  '-1',
  '[a, b]',
  '{a: b}',
  '? ',
  '"\\0"',
  '😀',
  'null',
  '~',
  'k'.repeat(5000),
]

type Damage = (text: string, at: number, choice: number, second: string) => string

const lineDamage =
  (change: (line: string, choice: number) => readonly string[]): Damage =>
  (text, at, choice) => {
    const lines = text.split('\n')
    const index = at % lines.length
    return [...lines.slice(0, index), ...change(lines[index] ?? '', choice), ...lines.slice(index + 1)].join(
      '\n',
    )
  }

const damages: readonly Damage[] = [
  (text, at) => text.slice(0, at % (text.length + 1)),
  (text, at) => text.slice(at % (text.length + 1)),
  (text, at, choice, second) =>
    text.slice(0, at % (text.length + 1)) + second.slice(choice % (second.length + 1)),
  lineDamage((line, choice) => [line.replace(/: .*$/, `: ${pick(weirdScalars, choice)}`)]),
  lineDamage((line, choice) => [line.replace(/(?<![-\w./])[-\w./]+:/, `${pick(hostileKeys, choice)}:`)]),
  lineDamage((line, choice) => [line, `${/^ */.exec(line)?.[0] ?? ''}${pick(hostileKeys, choice)}: 1`]),
  lineDamage(() => []),
  lineDamage(line => [line, line]),
  lineDamage((line, choice) => [' '.repeat(choice % 5) + line]),
  lineDamage(line => [line.replace(/^ +/, '\t')]),
  lineDamage(line => [line.replace(/^ /, '')]),
  (text, at, choice) => {
    const index = at % (text.length + 1)
    return (
      text.slice(0, index) +
      pick([...weirdScalars, '\u0000', '\uD800', '\r', ':', '-'], choice) +
      text.slice(index)
    )
  },
  text => text.replaceAll('\n', '\r\n'),
  (text, _, choice) => `${pick(['\uFEFF', '---\n', '%YAML 1.2\n---\n', '# x\n', '\n\n'], choice)}${text}`,
  (text, _, choice) => `${text}\n${pick(['---\na: b\n', '...\n', 'x', `a: ${'['.repeat(200)}`], choice)}`,
  (_, __, choice) => pick([...weirdScalars, ...hostileKeys.map(key => `${key}: 1`), ''], choice),
]

/**
 * Draws texts that are almost specs: real and random texts, cut, spliced, and with unusual YAML constructs.
 */
export const nearYaml = (): fc.Arbitrary<NearYaml> =>
  fc
    .record({
      spec: fc.oneof(
        fc.constantFrom(...committed),
        specs().map(spec => ({ entry: spec.entry, texts: getTexts(spec) })),
      ),
      file: fc.nat({ max: 100 }),
      other: fc.nat({ max: 100 }),
      damages: fc.array(
        fc.record({
          damage: fc.nat({ max: damages.length - 1 }),
          at: fc.nat({ max: 10_000 }),
          choice: fc.nat({ max: 10_000 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map(({ spec, file, other: second, damages: drawn }) => {
      const files = Object.keys(spec.texts)
      // meshc always reads the entry. It reads another file only if the entry refers to the file.
      const path = file % 2 === 0 ? spec.entry : pick(files, file >> 1)
      const otherText = spec.texts[pick(files, second)] ?? ''
      const damaged = drawn.reduce(
        (text, { damage, at, choice }) => pick(damages, damage)(text, at, choice, otherText),
        spec.texts[path] ?? '',
      )
      return { entry: spec.entry, texts: { ...spec.texts, [path]: damaged } }
    })
