import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeCompiledSide } from '../../bin/diff/sides.ts'
import type { SpecPath } from '../../compiler/diagnostics/diagnostic.ts'
import { isPathWithin } from '../../compiler/diagnostics/is-path-within.ts'
import type { SourceMapEntry } from '../../compiler/emit/print.ts'
import { printSpecPath } from '../../compiler/provenance/paths.ts'
import { findCausedChanges } from '../../compiler/review/caused-changes.ts'
import { makeEditFinder } from '../../compiler/review/edits-behind.ts'
import { findManifestChanges, type ManifestChange } from '../../compiler/review/manifest-changes.ts'
import type { Side } from '../../compiler/review/side.ts'
import { findSpecEdits, type SpecEdit } from '../../compiler/review/spec-edits.ts'
import { leafEdits, leafRemovals } from '../arbitraries/leaf-edits.ts'
import { replaced } from '../arbitraries/leaves.ts'
import { type Spec, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { describeSharedPods } from '../laws/unexplained-changes.ts'
import { diagnose } from '../support/specs.ts'

const groups = suite('groups of edits')

const twiceEdited = specsOfOneCluster().chain(spec =>
  fc.record({
    spec: fc.constant(spec),
    one: leafEdits(spec),
    other: fc.oneof(leafEdits(spec), leafRemovals(spec)),
  }),
)

groups('a change under one of two edits disappears without this edit, and stays without the other', () => {
  const seen = { pairs: 0, changes: 0, together: 0, needless: 0 }
  holds(
    fc.property(twiceEdited, ({ spec, one: first, other: second }) => {
      if (printSpecPath(first.path) === printSpecPath(second.path)) return
      const compared = [
        spec,
        replaced(first.spec, second.file, second.path, second.after),
        first.spec,
        second.spec,
      ]
      const [before, both, withOne, withOther] = compared.map(findSide)
      if (before === undefined || both === undefined) return
      const toldGroups = changesBetween(before, both)
      const unexplained = toldGroups.flatMap(({ edits, changes }) => (edits.length === 0 ? changes : []))
      const regrouped = listRegrouped(spec, compared[1]!)
      assert.equal(
        unexplained.filter(({ words }) => !regrouped.some(name => isObjectOf(name, words))),
        [],
        'each change has an edit',
      )
      const all = toldGroups.flatMap(({ changes }) => changes.map(({ words }) => words))
      assert.is(new Set(all).size, all.length, 'each change is told once')
      if (withOne === undefined || withOther === undefined) return
      // No value decides which services share pods, and so no value decides the names of objects about these
      // pods.
      if (new Set(compared.map(listSharedPods)).size > 1) return
      const under = (...paths: readonly SpecPath[]) =>
        counted(toldGroups.filter(({ edits }) => isUnder(edits, paths, [first.path, second.path])))
      const [ofOne, ofOther, ofBoth] = [under(first.path), under(second.path), under(first.path, second.path)]
      const [byOne, byOther] = [withOne, withOther].map(side => counted(changesBetween(before, side)))
      let isNeedless = false
      for (const place of counted(toldGroups).keys()) {
        // An object that one edit adds may lack a part that the other edit removes, and a missing part has no reason.
        if (second.after === undefined && place.includes(': undefined → ')) continue
        const [toldOfOne, toldOfOther, toldOfBoth] = [ofOne, ofOther, ofBoth].map(map => map.get(place) ?? 0)
        const [madeByOne, madeByOther] = [byOne, byOther].map(map => map!.get(place) ?? 0)
        assert.ok(toldOfOne! <= madeByOne! && madeByOne! <= toldOfOne! + toldOfBoth!, place)
        assert.ok(toldOfOther! <= madeByOther! && madeByOther! <= toldOfOther! + toldOfBoth!, place)
        seen.changes += toldOfOne! + toldOfOther!
        seen.together += toldOfBoth!
        isNeedless ||= toldOfBoth! > 0 && (madeByOne === 0) !== (madeByOther === 0)
      }
      seen.pairs++
      // One edit can rename every object of a folder: a pair of edits counts once.
      if (isNeedless) seen.needless++
    }),
    { endOnFailure: true },
  )
  assert.ok(seen.changes > 200, JSON.stringify(seen))
  // A change that only one edit makes rarely has a reason that the other edit changes too.
  assert.ok(seen.needless * 10 < seen.pairs, JSON.stringify(seen))
})

/** Returns a service with two versions. */
const shop = (more: Readonly<Record<string, unknown>> = {}) => ({
  meshc: 'v1',
  mesh: 'shop',
  services: {
    cart: {
      namespace: 'shop',
      port: { http: 8080 },
      versions: { v1: {}, v2: {} },
      traffic: { v1: '90%', v2: '10%' },
      timeout: '3s',
      ...more,
    },
  },
})

/** Lists the changes of VirtualServices after a change of the cart. */
const listTold = (more: Readonly<Record<string, unknown>>) =>
  changesBetween(findSide(getSpec(shop()))!, findSide(getSpec(shop(more)))!).map(({ edits, changes }) => ({
    edits: edits.map(({ path }) => path),
    changes: changes.flatMap(({ words }) => (words.startsWith(routes) ? [words.slice(routes.length)] : [])),
  }))

const routes = 'VirtualService/shop/cart /spec/http/0/'

groups('a change that needs two edits is listed under both', () => {
  assert.equal(listTold({ traffic: { v1: '50%', v2: '50%' } }), [
    {
      edits: ['services.cart.traffic.v1', 'services.cart.traffic.v2'],
      changes: ['route/0/weight: 90 → 50', 'route/1/weight: 10 → 50'],
    },
  ])
})

groups('a value of a default is listed under the edit that removed the field', () => {
  assert.equal(listTold({ timeout: undefined }), [
    {
      edits: ['services.cart.timeout'],
      changes: ['timeout: 3s → 30s', 'retries/perTryTimeout: 3s → 10s'],
    },
  ])
})

groups('a change without an edited reason is listed with the nearest change', () => {
  const rule = (uri: object) => ({ spec: { http: [{ match: [{ uri, port: 80 }] }], hosts: ['cart'] } })
  const entry = (path: SpecPath, origin: SpecPath): SourceMapEntry => ({
    ...{ file: '', line: 1, endLine: 1, object: '', value: '' },
    ...{ path: ['spec', 'http', 0, 'match', 0, 'uri', ...path], origins: [origin] },
  })
  const [firstEdits, others] = [
    ['services', 'cart', 'port'],
    ['services', 'orders', 'port'],
  ] as const
  const edit = (part: SpecPath): SpecEdit => ({
    ...{ path: printSpecPath(part), before: '1', after: '2', at: { file: '', line: 1, side: 'after' } },
    parts: { before: part, after: part },
  })
  const edits = [edit(firstEdits), edit(others)]
  const changes = findCausedChanges(
    rule({ prefix: '/cart/' }),
    rule({ regex: '/cart/.*' }),
    {
      before: () => [entry(['prefix'], ['services', 'cart', 'name'])],
      after: () => [entry(['regex'], others)],
    },
    makeEditFinder(edits),
  )
  assert.equal(
    changes.map(({ edits }) => [...edits].map(({ path }) => path)),
    [['services.orders.port'], ['services.orders.port']],
  )
})

groups.run()

const getSpec = (document: object) =>
  ({ entry: 'spec/prod/mesh.yaml', documents: { 'spec/prod/mesh.yaml': document } }) as unknown as Spec

function findSide(spec: Spec): Side | undefined {
  const result = diagnose(spec)
  if (!result.ok) return undefined
  const environment = { name: 'prod', entry: spec.entry, output: 'out/prod' }
  return makeCompiledSide('prod', { environment, compilation: result.value, sources: result.sources })
}

function listSharedPods(spec: Spec): string {
  const result = diagnose(spec)
  return result.ok ? describeSharedPods(result.value.mesh) : ''
}

/** Lists the services, as `namespace/name`, whose pods belong to different services before and after. */
function listRegrouped(before: Spec, after: Spec): readonly string[] {
  const [left, right] = [before, after].map(spec => {
    const result = diagnose(spec)
    const services = result.ok ? result.value.mesh.services : []
    return new Map(
      services.map(({ name, namespace, samePods }) => [
        `${namespace.value}/${name.value}`,
        samePods.map(({ key }) => key).join(),
      ]),
    )
  })
  return [...left!.keys()].filter(name => right!.has(name) && left!.get(name) !== right!.get(name))
}

/** Checks whether an object about the pods of a service is added or removed: no value decides its name. */
const isObjectOf = (service: string, words: string) =>
  new RegExp(`^\\w+/${service}: (added|removed)$`).test(words)

interface ToldGroup {
  readonly edits: readonly SpecEdit[]
  readonly changes: readonly ToldChange[]
}

interface ToldChange {
  readonly words: string
  /** The place without the numbers of entries, since these numbers depend on the entries before them. */
  readonly place: string
}

const changesBetween = (before: Side, after: Side): readonly ToldGroup[] =>
  findManifestChanges(before, after, findSpecEdits(before, after)).map(({ edits, changes }) => ({
    edits,
    changes: changes.flatMap(toldChanges),
  }))

const toldChanges = ({ kind, objects, parts }: ManifestChange): readonly ToldChange[] =>
  objects.flatMap(({ name }) => {
    if (kind !== 'changed') return [{ words: `${name}: ${kind}`, place: `${name}: ${kind}` }]
    return parts.map(({ pointer, before, after }) => ({
      words: `${name} ${pointer}: ${before} → ${after}`,
      place: `${name} ${pointer.replace(/\/\d+(?=\/|$)/g, '/*')}: ${before} → ${after}`,
    }))
  })

/** Counts the reports of each change, at any place of a list. */
function counted(toldGroups: readonly ToldGroup[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { place } of toldGroups.flatMap(({ changes }) => changes)) {
    // Another edit decides on the links of an alert, which also stand in the text of a new alert.
    const unlinked = place.replace(/"(?:runbook|dashboard)_url":"[^"]*"/g, '')
    counts.set(unlinked, (counts.get(unlinked) ?? 0) + 1)
  }
  return counts
}

/** Checks whether edits belong to some of the leaves, and to no other leaf. */
const isUnder = (edits: readonly SpecEdit[], some: readonly SpecPath[], all: readonly SpecPath[]) =>
  all.every(leaf => edits.some(edit => isOf(edit, leaf)) === some.includes(leaf))

/** Checks whether an edit belongs to a leaf. An entry with a new name is a new entry of its list. */
const isOf = ({ parts: { before, after } }: SpecEdit, leaf: SpecPath): boolean =>
  [before, after].some(part => part !== undefined && isPathWithin(leaf, part))
