import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeProject, encodeProject, type SharedProject } from '../../bin/playground/share/hash.ts'
import { makeUri, readUri } from '../../bin/playground/share/uri.ts'
import { seed } from '../support/seed.ts'

const test = suite('playground: address')

const names = fc.stringMatching(/^[a-z é%#?&.-]{1,12}$/).filter(name => !/^\.{1,2}$/.test(name))
const paths = fc.array(names, { minLength: 1, maxLength: 4 }).map(steps => steps.join('/'))
const projects: fc.Arbitrary<SharedProject> = fc
  .tuple(
    fc.dictionary(paths, fc.string({ unit: 'grapheme', maxLength: 300 }), { minKeys: 1, maxKeys: 5 }),
    fc.nat(),
    fc.option(names, { nil: undefined }),
  )
  .map(([files, index, environment]) => {
    const open = Object.keys(files)[index % Object.keys(files).length]!
    return environment === undefined
      ? { files: { ...files }, open }
      : { files: { ...files }, open, environment }
  })

test('a project is read from its address as it was written', () =>
  fc.assert(
    fc.asyncProperty(projects, async project => {
      const text = await encodeProject(project)
      assert.match(text, /^[\w-]+$/)
      assert.equal(await decodeProject(text), project)
    }),
    { numRuns: 200, seed },
  ))

test('any other text is no project, and fails nothing', () =>
  fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]*$/)), async text => {
      const project = await decodeProject(text)
      assert.ok(project === undefined || Object.hasOwn(project.files, project.open))
    }),
    { numRuns: 200, seed },
  ))

test('a project that is too large, or has paths outside of it, is not read', async () => {
  const pack = (value: unknown) => deflateRawSync(JSON.stringify(value)).toString('base64url')
  const open = 'spec/prod/mesh.yaml'
  assert.equal(await decodeProject(pack([{ [open]: 'meshc: v1' }, open])), {
    files: { [open]: 'meshc: v1' },
    open,
  })
  assert.is(await decodeProject(pack([{ [open]: 'x'.repeat(3_000_000) }, open])), undefined)
  for (const path of ['../x', '/x', 'a//b', 'a/./b', 'a\\b', 'a\nb', ''])
    assert.is(await decodeProject(pack([{ [path]: '' }, path])), undefined, path)
  for (const value of [{}, [], [null, open], [{ [open]: 1 }, open], [{ [open]: '' }, 'other']])
    assert.is(await decodeProject(pack(value)), undefined)
})

test('the address of a file names it', () =>
  fc.assert(
    fc.property(paths, file => assert.equal(readUri(makeUri('p1', file)), { root: 'p1', file })),
    { numRuns: 200, seed },
  ))

test.run()
