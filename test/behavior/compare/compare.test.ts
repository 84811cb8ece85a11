import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compare } from '../../../compiler/behavior/compare/compare.ts'
import { meshDestinations } from '../../../compiler/behavior/compare/destinations.ts'
import { sideOf } from '../../../compiler/behavior/compare/side.ts'
import { evaluate } from '../../../compiler/behavior/evaluate/evaluate.ts'
import { changedManifests } from '../../arbitraries/manifests/changes.ts'
import type { KubernetesObject } from '../../arbitraries/manifests/kubernetes-object.ts'
import { manifests } from '../../arbitraries/manifests/manifests.ts'
import { requestsFor } from '../../arbitraries/manifests/requests.ts'
import { holds } from '../../holds.ts'
import { modelOf } from '../../support/model-of.ts'
import { isOfTheSpace, isTold, outcome } from './told.ts'

const comparison = suite('comparison')

/** Changes that are drawn, and requests that are tried on both sides of each: as many again of what has changed as of all. */
const changesDrawn = Number(process.env['CHANGES'] ?? 200)
const requestsTried = 15

comparison('tells every difference that requests find, and each of its witnesses holds', () => {
  const seen = { told: 0, found: 0, equal: 0 }
  holds(
    fc.property(
      changedManifests().chain(({ before, after, meshConfig }) =>
        fc.record({
          before: fc.constant(modelOf(before, meshConfig)),
          after: fc.constant(modelOf(after, meshConfig)),
          requests: fc
            .tuple(tried([...before, ...after]), tried(changedOf(before, after)))
            .map(lists => lists.flat()),
        }),
      ),
      ({ before, after, requests }) => {
        const told = compare(before, after)
        const destinations = meshDestinations(sideOf(before), sideOf(after))
        assert.equal(told.defects, [])
        // A result does not tell of headers, of where a redirect leads, nor of the shares of connections.
        for (const { change, witness } of told.differences)
          if (change !== 'moved' && change !== 'changed')
            assert.is.not(outcome(witness.before.result), outcome(witness.after.result))
        seen.told += told.differences.length
        if (told.differences.length + told.unknown.length === 0) seen.equal += 1
        for (const request of requests) {
          if (!isOfTheSpace(request, destinations)) continue
          const results = [evaluate(before, request), evaluate(after, request)] as const
          if (results.some(({ verdict }) => verdict === 'UNKNOWN')) continue
          if (outcome(results[0]) === outcome(results[1])) continue
          seen.found += 1
          assert.ok(isTold(told, request, [before, after]), `untold: ${JSON.stringify(request)}`)
        }
      },
    ),
    // A mesh has hundreds of parts: to shrink it takes longer than to read it.
    { numRuns: changesDrawn, endOnFailure: true },
  )
  console.log(
    `${seen.told} differences told, ${seen.found} found by requests, ${seen.equal} changes proved to change nothing`,
  )
  assert.ok(seen.told > 50 && seen.found > 5 && seen.equal > 5)
})

comparison('of a mesh with itself, in whatever order its manifests are, is empty', () => {
  holds(
    fc.property(
      manifests().chain(({ objects, meshConfig }) =>
        fc.tuple(
          fc.constant(modelOf(objects, meshConfig)),
          fc
            .shuffledSubarray([...objects], { minLength: objects.length })
            .map(shuffled => modelOf(shuffled, meshConfig)),
        ),
      ),
      ([before, after]) => {
        const { differences, defects } = compare(before, after)
        assert.equal([differences, defects], [[], []])
      },
    ),
  )
})

const tried = (objects: readonly KubernetesObject[]) =>
  fc.array(requestsFor(objects), { minLength: requestsTried, maxLength: requestsTried })

/** All objects, but of the routes and policies only those that one side has otherwise. */
function changedOf(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const isRule = ({ kind }: KubernetesObject) => kind === 'VirtualService' || kind === 'AuthorizationPolicy'
  const isOnBoth = (object: KubernetesObject) => before.includes(object) && after.includes(object)
  return [...new Set([...before, ...after])].filter(object => !(isRule(object) && isOnBoth(object)))
}

const deployment = (name: string, labels: Readonly<Record<string, string>>) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'web' },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { serviceAccountName: 'web', containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }] },
    },
  },
})
const web = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
}

comparison('does not know what a workload does that no request can tell from another', () => {
  const sidecarless = deployment('a', { app: 'web', 'sidecar.istio.io/inject': 'false' })
  const own = deployment('b', { app: 'web' })
  const route = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'web' },
    spec: {
      hosts: ['web.web.svc.cluster.local'],
      http: [{ match: [{ sourceNamespace: 'web' }], directResponse: { status: 418 } }],
    },
  }
  const objects = [web, sidecarless, own]
  const { defects, unknown } = compare(modelOf(objects), modelOf([...objects, route]))
  assert.equal(defects, [])
  const reasons = unknown
    .filter(({ callers }) => callers.some(caller => caller.kind === 'workload' && caller.name === 'b'))
    .flatMap(({ because }) => because.map(({ object, reason }) => `${object.name}: ${reason}`))
  assert.equal([...new Set(reasons)], ['a: a workload that a request cannot tell from the caller'])
  assert.equal(compare(modelOf([web, own]), modelOf([web, own, route])).unknown, [])
})

comparison.run()
