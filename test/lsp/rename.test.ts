import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listPlaces } from '../../bin/lsp/places.ts'
import { rename } from '../../bin/lsp/rename.ts'
import { getRange, type Snapshot } from '../../bin/lsp/snapshot.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { applyEdits } from '../../compiler/diagnostics/edited-text.ts'
import { makeNameKey, type Named } from '../../compiler/provenance/mentions.ts'
import { getTexts, type Spec, specsOfOneCluster } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { snapshotOfTexts } from '../support/editor-snapshot.ts'

const test = suite('lsp: rename')

type Texts = Readonly<Record<string, string>>

/** A suffix that makes a new name with nearly the same order. No text of meshc contains it. */
const mark = 'q0q'

test('after a renaming the project makes the same but for the name, and back again it has the same bytes', () => {
  const seen = new Set<string>()
  holds(
    fc.property(specsOfOneCluster(), fc.nat({ max: 10_000 }), (spec, choice) => {
      // The function `disguised` changes the owner of a service, and so the owner of the paths of a gateway.
      const gateways = Object.values(spec.documents).flatMap(({ gateways }) => Object.values(gateways ?? {}))
      if (gateways.some(gateway => gateway?.owners != null)) return
      const texts = disguised(getTexts(spec))
      const before = snapshotOfTexts(texts)
      const compilation = compiled(before)
      // The first of the services that select the same pods, by name, gives what is written once its name.
      if (compilation.mesh.services.some(({ samePods }) => samePods.length > 1)) return
      const all = namedIn(compilation, spec)
      // Rare kinds are chosen as often as common kinds.
      const kinds = [...new Set(all.map(({ kind }) => kind))]
      const alike = all.filter(({ kind }) => kind === kinds[choice % kinds.length])
      const named = alike[choice % alike.length]!
      seen.add(named.kind)

      const name = named.name + mark
      const renamed = renamedTexts(before, texts, named, name)
      assert.not(Object.values(renamed).some(text => new RegExp(`#.*${mark}`).test(text)))
      const after = snapshotOfTexts(renamed)
      const different = difference(listOutputs(compiled(after)), listOutputs(compilation))
      assert.equal(different, [], `${makeNameKey(named)}:\n${different.slice(0, 4).join('\n')}`)
      assert.equal(namesIn(compiled(after)), namesIn(compilation, named))
      assert.equal(renamedTexts(after, renamed, { ...named, name }, named.name), texts)
    }),
    { numRuns: 300 },
  )
  assert.equal([...seen].sort(), [
    'authorizer',
    'external',
    'gateway',
    'issuer',
    'limiter',
    'namespace',
    'service',
    'version',
  ])
})

test('a patch of what is called as its service and namespace are goes along with the service', () => {
  const text = `meshc: v1
mesh: shop
environment: prod
services:
  web: { namespace: web, port: { http: 80 }, allow: [{ from: web }] }
patches:
  - { kind: DestinationRule, namespace: web, name: web, because: called from afar, spec: { exportTo: ['*'] } }
`
  const texts = { 'spec/prod/mesh.yaml': text }
  const renamed = (named: Named) =>
    Object.values(renamedTexts(snapshotOfTexts(texts), texts, named, 'site'))[0]
  assert.is(renamed({ kind: 'namespace', name: 'web' }), text.replaceAll('namespace: web', 'namespace: site'))
  assert.is(
    renamed({ kind: 'service', name: 'web' }),
    text.replace('  web:', '  site:').replace('from: web', 'from: site').replace('name: web', 'name: site'),
  )
})

/** Returns texts with names in comments, and with owners that have the name of a service. */
function disguised(texts: Texts): Texts {
  const disguise = (text: string) =>
    `${text.replace(/^( +owner): .*$/gm, '$1: cart # cart, web, v1, shop and public')}# cart: { from: web }\n`
  return Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, disguise(text)]))
}

/** Returns the texts after a rename at the first place with the name. */
function renamedTexts(snapshot: Snapshot, texts: Texts, named: Named, name: string): Texts {
  const first = listPlaces(snapshot, named, Object.keys(texts)[0]!).places[0]
  assert.ok(first, `${makeNameKey(named)} is named nowhere`)
  const { file } = first
  const renaming = rename(snapshot, file, getRange(snapshot, first, texts[file]!).end, name)
  if ('refusal' in renaming) throw new Error(`${makeNameKey(named)}: ${renaming.refusal}`)
  return Object.fromEntries(
    Object.entries(texts).map(([path, text]) => [
      path,
      applyEdits(
        text,
        renaming.edits.filter(({ file }) => file === path),
      ),
    ]),
  )
}

function compiled({ views }: Snapshot): Compilation {
  const [view] = views
  if (view?.result.ok !== true)
    throw new Error(view?.result.diagnostics.map(({ message }) => message).join('\n'))
  return view.result.value
}

/** Lists everything in a spec that has a name. A namespace is listed only if the spec declares it. */
function namedIn({ mesh }: Compilation, spec: Spec): readonly Named[] {
  const stated = JSON.stringify(spec.documents)
  return [
    ...mesh.services.map(({ key }) => ({ kind: 'service', name: key }) as const),
    ...mesh.services.flatMap(({ key, versions }) =>
      versions.map(({ name }) => ({ kind: 'version', service: key, name: name.value }) as const),
    ),
    ...mesh.gateways.map(({ name }) => ({ kind: 'gateway', name: name.value }) as const),
    ...mesh.externals.map(({ key }) => ({ kind: 'external', name: key }) as const),
    ...mesh.issuers.map(({ name }) => ({ kind: 'issuer', name }) as const),
    ...mesh.authorizers.map(({ name }) => ({ kind: 'authorizer', name: name.value }) as const),
    ...mesh.rateLimiters.map(({ name }) => ({ kind: 'limiter', name: name.value }) as const),
    ...mesh.namespaces
      .filter(({ name, hasServices }) => hasServices && stated.includes(`"${name.value}"`))
      .map(({ name }) => ({ kind: 'namespace', name: name.value }) as const),
  ]
}

/** Returns every name, unchanged or with one name renamed, and the texts that only look like names. */
function namesIn({ mesh }: Compilation, renamed?: Named): unknown {
  const named = (kind: Named['kind'], name: string, service?: string) => {
    const isMeant =
      renamed?.kind === kind &&
      renamed.name === name &&
      (renamed.kind !== 'version' || renamed.service === service)
    return isMeant ? name + mark : name
  }
  return {
    services: mesh.services
      .map(({ key, versions, owner }) => [
        named('service', key),
        versions.map(({ name }) => named('version', name.value, key)).sort(),
        owner?.value,
      ])
      .sort(),
    gateways: mesh.gateways.map(({ name }) => named('gateway', name.value)).sort(),
    externals: mesh.externals.map(({ key }) => named('external', key)).sort(),
    issuers: mesh.issuers.map(({ name }) => named('issuer', name)).sort(),
    authorizers: mesh.authorizers.map(({ name }) => named('authorizer', name.value)).sort(),
    limiters: mesh.rateLimiters.map(({ name }) => named('limiter', name.value)).sort(),
    namespaces: mesh.namespaces.map(({ name }) => named('namespace', name.value)).sort(),
  }
}

/**
 * Lists every line of every file without the mark, and without the quotes that some names need. The lines are
 * sorted, since names affect their order. TRAFFIC.md is left out: its examples add a version with an unused
 * name.
 */
const listOutputs = (compilation: Compilation): readonly string[] =>
  [...compilation.files()]
    .filter(({ path }) => path !== 'docs/TRAFFIC.md')
    .flatMap(({ path, text }) =>
      text.split('\n').map(line => `${path}: ${line}`.replaceAll(mark, '').replaceAll('"', '')),
    )
    .sort()

function difference(a: readonly string[], b: readonly string[]): readonly string[] {
  const [inA, inB] = [new Set(a), new Set(b)]
  return [...a.filter(line => !inB.has(line)), ...b.filter(line => !inA.has(line))]
}

test.run()
