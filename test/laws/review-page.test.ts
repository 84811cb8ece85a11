import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LoadedMesh, makeCompiledMesh } from '../../bin/behavior/compiled-mesh.ts'
import { usualLimits } from '../../compiler/behavior/budget.ts'
import { isFollowedKind } from '../../compiler/behavior/index.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { makePageMesh } from '../../compiler/map/make-page-mesh.ts'
import {
  makePackTables,
  type PackTables,
  unpackObject,
  unpackReasons,
} from '../../compiler/map/pack-object.ts'
import type { PageData, PageMesh } from '../../compiler/map/page-data.ts'
import { packPageData, splitPageData, unpackObjects, unpackPicture } from '../../compiler/map/page-html.ts'
import { applyPatch, makePatch } from '../../compiler/map/patch-value.ts'
import type { ObjectReasons } from '../../compiler/provenance/place-reasons.ts'
import { leafEdits } from '../arbitraries/leaf-edits.ts'
import { getTexts, specs } from '../arbitraries/mesh.ts'
import { benchServices, benchSpec } from '../bench/mesh.ts'
import { holds } from '../holds.ts'
import { compileText } from '../support/compile-text.ts'

const laws = suite('laws: page of a review')

/** Values with few words, so that two of them have many parts in common. */
const values = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, 1, -1, 2, 12, '', 'a', '1', '[0]'),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0', '__proto__', 'constructor'), tie('value'), { maxKeys: 4 }),
  ),
})).value

/** A value, and a copy with other values in some places. */
const pairs = fc
  .tuple(values, fc.infiniteStream(fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, values)))
  .map(([value, changes]): readonly [unknown, unknown] => {
    const change = (part: unknown): unknown => {
      const { value: another } = changes.next()
      if (another !== undefined) return another
      if (Array.isArray(part)) return part.flatMap((entry, index) => (index % 5 === 4 ? [] : [change(entry)]))
      if (typeof part !== 'object' || part === null) return part
      return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, change(entry)]))
    }
    return [value, change(value)]
  })

laws('a patch of any value gives any other value, with its keys in their order', () => {
  let shared = 0
  holds(
    fc.property(fc.oneof(pairs, fc.tuple(values, values)), ([base, value]) => {
      const text = JSON.stringify(value)
      const patch = JSON.stringify(makePatch(value, base))
      assert.is(JSON.stringify(applyPatch(JSON.parse(patch), JSON.parse(JSON.stringify(base)))), text)
      assert.ok(patch.length <= text.length + 4, `${patch} is longer than ${text}`)
      if (patch.length < text.length) shared++
    }),
    { numRuns: 2000 },
  )
  assert.ok(shared > 100, `${shared} patches are short`)
})

/** Loads the mesh of a spec like a command; undefined if the spec has errors. */
function loadMesh(texts: Readonly<Record<string, string>>): LoadedMesh | undefined {
  const result = compileText(texts)
  if (!result.ok) return undefined
  const environment = { name: 'prod', entry: 'spec/prod/mesh.yaml', output: 'out/prod' }
  return makeCompiledMesh({ environment, compilation: result.value, sources: result.sources })
}

/** Makes the page of a change, whose states share their tables like those of `meshc diff`. */
function makeChange(was: LoadedMesh, is: LoadedMesh): PageData {
  const draw = (mesh: LoadedMesh, tables: PackTables) =>
    makePageMesh({ ...mesh, commandOptions: '--env prod' }, usualLimits, () => {}, tables)
  const tables = makePackTables()
  const mesh = draw(is, tables)
  const before = draw(was, makePackTables(tables))
  return { meshc: '', environments: [{ mesh, change: { before, notices: [], differences: [] } }] }
}

/** Reads the data of a page as its script does. */
function reload(data: PageData) {
  const { picture, objects } = JSON.parse(JSON.stringify(packPageData(data))) as ReturnType<
    typeof packPageData
  >
  return { picture: unpackPicture(picture), objects: unpackObjects(objects) }
}

/** Lists the lines of all objects and of their values, and the reasons of each. */
const listPlaces = ({ objects, files, reasons, reasonLists }: PageMesh): readonly unknown[] =>
  objects.map(packed =>
    describe(unpackObject(packed, files), unpackReasons(packed, files, reasons, reasonLists)),
  )

const describe = (
  object: ManifestObject,
  { scalars, shared }: ObjectReasons = { scalars: [], shared: [] },
): unknown => [
  [object.file, object.line, shared.map(({ reason }) => reason)],
  scalars.map(each => [
    each.path.join('.'),
    object.lineOf(each.path),
    each.reasons.map(({ reason }) => reason),
  ]),
]

laws('a page unpacks to the same two meshes, with the lines and reasons of each of them alone', () => {
  let changed = 0
  const changes = specs().chain(spec =>
    fc.tuple(
      fc.constant(spec),
      fc.oneof(
        leafEdits(spec).map(edit => edit.spec),
        specs(),
      ),
    ),
  )
  holds(
    fc.property(changes, specPair => {
      const [was, is] = specPair.map(spec => loadMesh(getTexts(spec)))
      if (was === undefined || is === undefined) return
      changed++
      const data = makeChange(was, is)
      const whole = splitPageData(data)
      const { picture, objects } = reload(data)
      assert.is(JSON.stringify(picture), JSON.stringify(whole.picture))
      assert.is(JSON.stringify(objects), JSON.stringify(whole.objects))
      const [drawn] = picture.environments
      const [read] = objects.environments
      for (const [state, mesh] of [
        [was, { ...drawn!.change!.before, ...read!.before! }],
        [is, { ...drawn!.mesh!, ...read!.after! }],
      ] as const) {
        const followed = state.objects.filter(({ value }) => isFollowedKind(value))
        const places = followed.map(object => describe(object, state.listReasons(object)))
        assert.is(JSON.stringify(listPlaces(mesh)), JSON.stringify(places))
      }
    }),
    { endOnFailure: true, numRuns: 100 },
  )
  assert.ok(changed > 50, `${changed} changes`)
})

laws('the page holds unchanged parts once', () => {
  const spec = benchSpec(benchServices(60))
  const measure = (after: string) => {
    const [was, is] = [spec, after].map(text => loadMesh({ 'spec/prod/mesh.yaml': text })!)
    const data = makeChange(was!, is!)
    const { mesh } = data.environments[0]!
    const [page, alone] = [data, { meshc: '', environments: [{ mesh: mesh! }] }].map(
      each => JSON.stringify(packPageData(each)).length,
    )
    return page! / alone!
  }
  const edited = measure(spec.replace('methods: [GET, POST]', 'methods: [GET]'))
  assert.ok(edited < 1.01, `a line that differs makes the page ${edited} times as long`)
  // The addition also changes the number of every later line of the spec.
  const added = measure(
    spec.replace(
      'services:\n',
      'services:\n  first: { namespace: team-00, port: { http: 80 }, allow: [{ from: svc-00001 }] }\n',
    ),
  )
  assert.ok(added < 1.12, `a line more makes the page ${added} times as long`)
})

laws.run()
