import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../compiler/behavior/compare/compare.ts'
import type { Difference } from '../../compiler/behavior/compare/difference.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import { changedManifests } from '../arbitraries/manifests/changes.ts'
import { getFields } from '../arbitraries/manifests/fields.ts'
import type { DrawnManifests } from '../arbitraries/manifests/manifests.ts'
import { manifestObjects } from '../behavior/corpus.ts'
import { manifestTexts } from '../behavior/manifest-texts.ts'
import { getClaim, type Truth } from '../behavior/truth.ts'
import { askEnvoysAbout } from './ask-envoys.ts'
import { requireOracle } from './tools.ts'

/** The number of changes whose witnesses go to real Envoys, before and after, and the maximum of witnesses for each change. */
const changesAsked = 40
const witnessesOfEach = 6
/** The number of drawn changes. It is larger, since Istio's webhook refuses some changes. */
const changesDrawn = 3 * changesAsked

const seed = Number(process.env['SEED'] ?? 1_463_353_885)

const witnesses = suite('witnesses')
const testWitnesses = await requireOracle(witnesses, 'behavior', 'envoy')

testWitnesses(`of ${changesAsked} changes are different in real Envoys`, async () => {
  console.log(`SEED=${seed}`)
  const wrong: string[] = []
  let changes = 0
  let asked = 0
  for (const [index, drawn] of fc.sample(changedManifests(), { seed, numRuns: changesDrawn }).entries()) {
    if (changes === changesAsked) break
    const before = { objects: drawn.before, meshConfig: drawn.meshConfig }
    const after = { objects: drawn.after, meshConfig: drawn.meshConfig }
    if ([before, after].some(hasTwins)) continue
    const models = [getModel(before), getModel(after)] as const
    const differences = compare(...models).differences.filter(
      difference => isAskable(difference) && (isOfOneAuthorizer(models) || !namesAuthorizers(difference)),
    )
    const some = spread(differences, witnessesOfEach)
    if (some.length === 0) continue
    const truths = [await getTruths(before, some, 'before'), await getTruths(after, some, 'after')] as const
    if (truths[0] === undefined || truths[1] === undefined) continue
    changes += 1
    for (const [number, { witness, section, change }] of some.entries()) {
      asked += 1
      const seen = [truths[0][number]!, truths[1][number]!] as const
      const claims = [witness.before, witness.after].map(({ request, result }) => getClaim(request, result))
      const isAsClaimed = seen.every((truth, side) => isSame(truth, claims[side]!))
      // A result contains neither headers nor the shares of connections.
      const isDifferent = isSame(claims[0]!, claims[1]!) || !isSame(...seen)
      if (!isAsClaimed || !isDifferent)
        wrong.push(
          `change ${index} of SEED=${seed}, ${section} ${change}: ${JSON.stringify(witness.after.request)}\n  meshc says ${JSON.stringify(claims)}\n  Envoy does ${JSON.stringify(seen)}`,
        )
    }
  }
  console.log(`${asked} witnesses of ${changes} changes were asked`)
  assert.equal(wrong, [], wrong.slice(0, 5).join('\n'))
  assert.is(changes, changesAsked)
})

witnesses.run()

const getModel = (manifests: DrawnManifests) =>
  readModel(manifestObjects('manifests.yaml', manifestTexts(manifests)))

/**
 * Checks whether two workloads have the same name. A cluster distinguishes their pods, but the oracle names a
 * pod after its workload.
 */
function hasTwins({ objects }: DrawnManifests): boolean {
  const names = objects
    .map(getFields)
    .filter(({ kind, spec }) => kind === 'Pod' || 'template' in getFields(spec))
    .map(({ metadata }) => `${getFields(metadata)['namespace']}/${getFields(metadata)['name']}`)
  return new Set(names).size < names.length
}

/**
 * Checks whether the oracle can answer. If a gateway passes an HTTP stream through as bytes, the stream does
 * not show the pod that answers. No caller has a certificate of another trust domain.
 */
const isAskable = ({ witness: { before, after } }: Difference): boolean =>
  before.request.from.identity === undefined &&
  (before.request.from.gateway === undefined || !(before.result.isOpaque || after.result.isOpaque))

/** Checks whether a witness names the authorizers that refuse it. */
const namesAuthorizers = ({ witness }: Difference): boolean =>
  [witness.before, witness.after].some(({ request }) => Array.isArray(request.extAuthz))

/**
 * Checks whether each model has at most one authorizer: all authorizers of the oracle give the same answer.
 */
const isOfOneAuthorizer = (models: readonly BehaviorModel[]): boolean =>
  models.every(
    ({ settings }) => settings.extensionProviders.filter(({ authorizes }) => authorizes).length <= 1,
  )

/** Returns a limited number of entries, from all parts of the list. */
function spread<Each>(all: readonly Each[], most: number): readonly Each[] {
  const step = Math.max(1, all.length / most)
  return Array.from({ length: Math.min(most, all.length) }, (_, index) => all[Math.floor(index * step)]!)
}

/** Returns the answers of Envoys to the witnesses on one side; undefined if Istio refuses the manifests. */
async function getTruths(
  manifests: DrawnManifests,
  differences: readonly Difference[],
  side: 'before' | 'after',
): Promise<readonly Truth[] | undefined> {
  const requests = differences.map(({ witness }) => {
    const { request } = witness[side]
    return Array.isArray(request.extAuthz) ? { ...request, extAuthz: 'deny' as const } : request
  })
  const { truths, refused } = await askEnvoysAbout(manifestTexts(manifests), requests)
  return refused.length > 0 ? undefined : truths
}

const isSame = (a: Truth, b: Truth): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))

/** Returns the same value with the keys of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
