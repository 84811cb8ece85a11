import fc from 'fast-check'
import { RE2JS } from 're2js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Pattern } from '../../../compiler/behavior/model.ts'
import { makeAtoms, matchesText, type Universe } from '../../../compiler/behavior/symbolic/diagrams/atoms.ts'
import { convertTemplate, makePatternKey } from '../../../compiler/behavior/symbolic/diagrams/pattern.ts'
import { holds } from '../../holds.ts'

const atoms = suite('atoms')

const any: Universe = { kind: 'language', expression: '[!-~]*' }

const compiled = new Map<string, RE2JS>()

/** Checks with RE2 whether a pattern matches a text. */
function matches(pattern: Pattern, text: string): boolean {
  if (pattern.match === 'present') return true
  const key = makePatternKey(pattern)
  const program = compiled.get(key) ?? RE2JS.compile(getExpression(pattern))
  compiled.set(key, program)
  return program.matches(text)
}

function getExpression(pattern: Exclude<Pattern, { match: 'present' }>): string {
  const fold = 'ignoreCase' in pattern ? 'i' : ''
  const quote = RE2JS.quote(pattern.value)
  const expression = {
    exact: quote,
    prefix: `${quote}(?s:.*)`,
    suffix: `(?s:.*)${quote}`,
    regex: pattern.value,
    template: convertTemplate(pattern.value),
  }[pattern.match]
  return fold === 'i' ? `(?i:${expression})` : expression
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'A', '1', '.'), maxLength: 5 })
const expression = fc.letrec<{ whole: string }>(tie => ({
  whole: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '/', '.', '\\d', '[^/]', '[a-c]', '(?i:b)', '\\w', '[[:alpha:]]', '\\.', 'ab'),
    fc.constantFrom('^', '$', '\\b', '\\B', '\\A', '\\z'),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('whole'), fc.constantFrom('*', '+', '?', '{1,2}', '*?'))
      .map(([a, sign]) => `(?:${a})${sign}`),
  ),
})).whole
const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  fc
    .record({
      match: fc.constantFrom('exact' as const, 'prefix' as const, 'suffix' as const),
      value: word,
      fold: fc.boolean(),
    })
    .map(({ match, value, fold }): Pattern => (fold ? { match, value, ignoreCase: true } : { match, value })),
  expression.map((value): Pattern => ({ match: 'regex', value })),
  fc.constantFrom<Pattern>(
    { match: 'present' },
    { match: 'template', value: '/a/{*}' },
    { match: 'template', value: '/{**}/b' },
    { match: 'template', value: '/{*}/b/{**}' },
  ),
)
const patterns = fc.array(pattern, { maxLength: 6 })

function cut(given: readonly Pattern[], universe = any) {
  const foundAtoms = makeAtoms(universe, given)
  if (!('members' in foundAtoms)) throw new Error(JSON.stringify(foundAtoms))
  return foundAtoms
}

atoms('every string is in just one atom, and its witness is matched by the same patterns', () => {
  holds(
    fc.property(patterns, fc.array(word, { minLength: 5, maxLength: 20 }), (given, texts) => {
      const { witnesses, members } = cut(given)
      const vectors = witnesses.map(witness => given.map(pattern => matches(pattern, witness)).join())
      assert.equal(new Set(vectors).size, vectors.length, 'two atoms are told apart by no pattern')
      for (const [number, atoms] of members.entries())
        assert.equal(
          atoms,
          witnesses.flatMap((witness, atom) => (matches(given[number]!, witness) ? [atom] : [])),
        )
      for (const text of texts)
        assert.ok(
          vectors.includes(given.map(pattern => matches(pattern, text)).join()),
          `no atom has ${text}`,
        )
    }),
    { numRuns: 500 },
  )
})

atoms('a text is matched as by RE2, with an automaton and without one', () => {
  holds(
    fc.property(pattern, word, (given, text) => {
      const isMatched = matchesText(given, text)
      if (isMatched !== undefined) assert.is(isMatched, matches(given, text))
    }),
    { numRuns: 500 },
  )
})

atoms('no member is shorter than the witness', () => {
  const short = ['', ...letters(['a', 'b', '/', '1'], 3)]
  holds(
    fc.property(patterns, given => {
      const { witnesses } = cut(given)
      const getVector = (text: string) => given.map(pattern => matches(pattern, text)).join()
      const byVector = new Map(witnesses.map(witness => [getVector(witness), witness]))
      for (const text of short) assert.ok(byVector.get(getVector(text))!.length <= text.length)
    }),
  )
})

atoms('a universe has no other members', () => {
  const universe: Universe = { kind: 'language', expression: '/[a-z]*(/[a-z]+)*' }
  holds(
    fc.property(patterns, given => {
      for (const witness of cut(given, universe).witnesses) assert.match(witness, /^\/[a-z]*(\/[a-z]+)*$/)
    }),
  )
})

atoms('a short list of words is cut as a language of the same words', () => {
  const words = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE']
  holds(
    fc.property(fc.array(fc.constantFrom(...words, 'P', 'T', 'E'), { maxLength: 4 }), texts => {
      const given = texts.map(
        value =>
          ({ match: value.length > 1 ? 'exact' : value === 'P' ? 'prefix' : 'suffix', value }) as Pattern,
      )
      const listClasses = (universe: Universe) => {
        const { witnesses, members } = cut(given, universe)
        return witnesses.map((_, atom) => members.map(member => member.includes(atom)).join()).sort()
      }
      assert.equal(
        listClasses({ kind: 'words', words }),
        listClasses({ kind: 'language', expression: words.join('|') }),
      )
    }),
  )
})

atoms('paths of a route become the classes that a person would name', () => {
  const given: readonly Pattern[] = [
    { match: 'prefix', value: '/api' },
    { match: 'exact', value: '/api/admin' },
    { match: 'regex', value: '/api/v[0-9]+/.*' },
    { match: 'template', value: '/users/{*}/orders' },
  ]
  const { witnesses, members } = cut(given, { kind: 'language', expression: '/[!-~]*' })
  assert.equal(witnesses, ['/', '/api', '/api/v0/', '/api/admin', '/users/a/orders'])
  assert.equal(members, [[1, 2, 3], [3], [2], [4]])
})

atoms('atoms report an expression that RE2 refuses', () => {
  const refused: Pattern = { match: 'regex', value: '(?=a)' }
  assert.equal(makeAtoms(any, [{ match: 'present' }, refused]), { pattern: refused, limit: 're2' })
})

atoms('atoms report expressions that multiply beyond the bound', () => {
  const given = Array.from(
    { length: 20 },
    (_, index): Pattern => ({
      match: 'regex',
      value: `.*${String.fromCharCode(97 + index)}.*`,
    }),
  )
  const made = makeAtoms(any, given)
  assert.ok('limit' in made && (made.limit === 'time' || made.limit === 'memory'))
})

atoms.run()

function letters(alphabet: readonly string[], length: number): readonly string[] {
  if (length === 0) return []
  const shorter = letters(alphabet, length - 1)
  return [...shorter, ...['', ...shorter].flatMap(text => alphabet.map(char => text + char))]
}
