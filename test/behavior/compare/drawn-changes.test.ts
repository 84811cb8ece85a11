import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { changedManifests } from '../../arbitraries/manifests/changes.ts'
import type { KubernetesObject } from '../../arbitraries/manifests/kubernetes-object.ts'
import { requestsFor } from '../../arbitraries/manifests/requests.ts'
import { holds } from '../../holds.ts'
import { getModel } from '../../support/model-of.ts'
import { assertReportsAll } from './reports-all.ts'

/** This suite has its own file, since `.ci/run` draws more changes than `npm test`. */
const comparison = suite('comparison of drawn changes')

/**
 * The number of drawn changes. Requests are tried on both sides of each change: one half on all objects, one
 * half on changed objects.
 */
const changesDrawn = Number(process.env['CHANGES'] ?? 200)
const requestsTried = 15

comparison('lists every difference that requests find, and each of its witnesses holds', () => {
  const seen = { count: 0, found: 0, ofAssumedCallers: 0, equal: 0 }
  holds(
    fc.property(
      changedManifests().chain(({ before, after, meshConfig }) =>
        fc.record({
          before: fc.constant(getModel(before, meshConfig)),
          after: fc.constant(getModel(after, meshConfig)),
          requests: fc
            .tuple(tried([...before, ...after]), tried(listChanged(before, after)))
            .map(lists => lists.flat()),
        }),
      ),
      ({ before, after, requests }) => {
        const { comparison, differing: result, ofAssumedCallers } = assertReportsAll(before, after, requests)
        seen.count += comparison.differences.length
        if (comparison.differences.length + comparison.unknown.length === 0) seen.equal += 1
        seen.found += result
        seen.ofAssumedCallers += ofAssumedCallers
      },
    ),
    // A mesh has hundreds of parts, so shrinking it takes longer than reading it.
    { numRuns: changesDrawn, endOnFailure: true },
  )
  console.log(
    `${seen.count} differences told, ${seen.found} found by requests, ${seen.ofAssumedCallers} of them of callers whom no manifest has, ${seen.equal} changes proved to change nothing`,
  )
  assert.ok(seen.count > 50 && seen.found > 5 && seen.ofAssumedCallers > 1 && seen.equal > 5)
})

const tried = (objects: readonly KubernetesObject[]) =>
  fc.array(requestsFor(objects), { minLength: requestsTried, maxLength: requestsTried })

/** Lists all objects, but only those routes and policies that the other side lacks or has in another form. */
function listChanged(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const isRule = ({ kind }: KubernetesObject) => kind === 'VirtualService' || kind === 'AuthorizationPolicy'
  const isOnBoth = (object: KubernetesObject) => before.includes(object) && after.includes(object)
  return [...new Set([...before, ...after])].filter(object => !(isRule(object) && isOnBoth(object)))
}

comparison.run()
