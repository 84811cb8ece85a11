import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { normalizePath } from '../../../compiler/behavior/evaluate/paths.ts'
import { makeAtoms } from '../../../compiler/behavior/symbolic/diagrams/atoms.ts'
import { makePathUniverse } from '../../../compiler/behavior/symbolic/normalized-paths.ts'
import { holds } from '../../holds.ts'

/** Dot segments with parameters, in each mode of normalization. */
const test = suite('normalized paths')

const modes = ['BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'] as const

/** Paths and their forms after one sidecar of Istio 1.31, in the order of the modes. */
const paths: readonly (readonly [string, string, string, string])[] = [
  ['/pub/..;/admin', '/admin', '/admin', '/admin'],
  ['/pub/.;/admin', '/pub/admin', '/pub/admin', '/pub/admin'],
  ['/pub/..;x', '/', '/', '/'],
  ['/pub/.;x', '/pub/', '/pub/', '/pub/'],
  ['/pub/..;a=b;c/admin', '/admin', '/admin', '/admin'],
  ['/pub//..;/admin', '/pub/admin', '/pub/admin', '/pub/admin'],
  ['/pub/%2e%2e;/admin', '/pub/..;/admin', '/pub/..;/admin', '/pub/..;/admin'],
  ['/pub//%2e%2e;/admin', '/pub//..;/admin', '/pub/..;/admin', '/pub/..;/admin'],
  ['/%2E;x/admin', '/.;x/admin', '/.;x/admin', '/.;x/admin'],
  ['/pub/..;\\x/admin', '/admin', '/admin', '/admin'],
  ['/pub/\\..;x/admin', '/pub//..;x/admin', '/pub/..;x/admin', '/pub/..;x/admin'],
  ['/pub/..;x%5C..;/admin', '/admin', '/admin', '/admin'],
  ['/pub/..;x%2f..;y/admin', '/admin', '/admin', '/admin'],
  ['/pub/..%3b/admin', '/pub/..%3b/admin', '/pub/..%3b/admin', '/pub/..%3b/admin'],
  ['/pub/...;/admin', '/pub/...;/admin', '/pub/...;/admin', '/pub/...;/admin'],
  ['/pub/a;../admin', '/pub/a;../admin', '/pub/a;../admin', '/pub/a;../admin'],
  ['/pub/;../admin', '/pub/;../admin', '/pub/;../admin', '/pub/;../admin'],
  ['/pub/..;.', '/', '/', '/'],
  ['/pub/..;%2e/', '/', '/', '/'],
  ['/pub/..;<', '/', '/', '/'],
]

for (const [index, mode] of modes.entries())
  for (const [written, ...normalized] of paths) {
    const expected = normalized[index]!
    test(`${mode}: ${written} is ${expected}`, () => assert.is(normalizePath(written, mode), expected))
    for (const path of [written, expected])
      test(`${mode}: ${path} is a normalized path only if no proxy changes it`, () =>
        assert.is(isAmong(path, mode), normalizePath(path, mode) === path))
  }

test('a path of words is the same with a parameter behind it and without', () => {
  const word = fc.stringMatching(/^[\w-]{0,3}$/)
  const words = fc.tuple(fc.array(word, { maxLength: 4 }), fc.constantFrom('', '/', '/.', '\n'))
  holds(
    fc.property(words, fc.constantFrom(...modes, 'NONE' as const), ([all, end], mode) => {
      const path = `/${all.join('/')}${end}`
      assert.is(normalizePath(`${path}?a=1`, mode), `${normalizePath(path, mode)}?a=1`)
    }),
    { numRuns: 1000 },
  )
})

function isAmong(value: string, mode: (typeof modes)[number]): boolean {
  const atoms = makeAtoms(makePathUniverse(mode), [{ match: 'exact', value }])
  assert.ok('members' in atoms)
  return atoms.members[0]!.length > 0
}

test.run()
