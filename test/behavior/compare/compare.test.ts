import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findAffected } from '../../../compiler/behavior/compare/affected.ts'
import { compare, compareTouched } from '../../../compiler/behavior/compare/compare.ts'
import type { Comparison } from '../../../compiler/behavior/compare/difference.ts'
import { evaluate } from '../../../compiler/behavior/evaluate/evaluate.ts'
import { listMeshDestinations } from '../../../compiler/behavior/pairs/destinations.ts'
import { makeModelReader } from '../../../compiler/behavior/read/read-model.ts'
import type { Request } from '../../../compiler/behavior/request.ts'
import type { At } from '../../../compiler/behavior/result.ts'
import { indexModel } from '../../../compiler/behavior/symbolic/indexed-model.ts'
import { changedManifests } from '../../arbitraries/manifests/changes.ts'
import { object } from '../../arbitraries/manifests/kubernetes-object.ts'
import { manifests } from '../../arbitraries/manifests/manifests.ts'
import { holds } from '../../holds.ts'
import { getModel, listObjects } from '../../support/model-of.ts'
import { isReportedBy, outcome } from './reported.ts'

const comparison = suite('comparison')

comparison('shows the results of callers and addresses that only policies name', () => {
  let result = 0
  holds(
    fc.property(
      fc.tuple(manifests({ services: 3 }), fc.array(policyOfAssumedCallers, { minLength: 1, maxLength: 3 })),
      ([{ objects, meshConfig }, policies]) => {
        const services = objects.filter(
          ({ kind, metadata }) => kind === 'Service' && metadata.namespace !== 'istio-ingress',
        )
        const made = policies.map(({ place, side, ...spec }, index) => {
          const { namespace, name } = services[place % services.length]!.metadata
          return {
            side,
            host: `${name}.${namespace}.svc.cluster.local`,
            policy: object('AuthorizationPolicy', namespace!, `strangers-${index}`, {
              selector: { matchLabels: { app: name } },
              ...spec,
            }),
          }
        })
        const on = (second: string) =>
          getModel(
            [...objects, ...made.flatMap(({ side, policy }) => (side === second ? [] : [policy]))],
            meshConfig,
          )
        const [before, after] = [on('after'), on('before')]
        const statedComparison = compare(before, after)
        assert.equal(statedComparison.defects, [])
        const destinations = listMeshDestinations(indexModel(before), indexModel(after))
        for (const { name, target } of destinations)
          for (const from of assumedCallers) {
            if (target.protocol !== 'http' || !made.some(({ host }) => host === name.host)) continue
            const request: Request = {
              from,
              to: { host: target.host, port: target.port },
              method: 'GET',
              path: '/',
            }
            const results = [before, after].map(model => evaluate(model, request))
            if (results.some(({ verdict }) => verdict === 'UNKNOWN')) continue
            if (outcome(results[0]!) === outcome(results[1]!)) continue
            result += 1
            assert.ok(
              isReportedBy(statedComparison, request, [before, after]),
              `untold: ${JSON.stringify(request)}`,
            )
          }
      },
    ),
    { endOnFailure: true },
  )
  assert.ok(result > 100, String(result))
})

/** A policy of one service, on one side or on both, about callers that no manifest has. */
const policyOfAssumedCallers = fc.record({
  place: fc.nat(),
  side: fc.constantFrom('before', 'after', 'after', 'both'),
  action: fc.constantFrom('ALLOW', 'ALLOW', 'DENY'),
  rules: fc
    .array(
      fc.constantFrom(
        { principals: ['cluster.local/ns/batch/sa/nightly'] },
        { principals: ['cluster.local/ns/batch/*'] },
        { principals: ['*/sa/nightly'] },
        { principals: ['partner.example/ns/bridge/sa/bridge'] },
        { notPrincipals: ['cluster.local/ns/batch/sa/nightly'] },
        { namespaces: ['batch'] },
        { namespaces: ['b*h', 'bridge'] },
        { notNamespaces: ['batch'] },
        { serviceAccounts: ['batch/nightly'] },
        { trustDomains: ['partner.example'] },
        { ipBlocks: ['192.0.2.0/24'] },
        { notIpBlocks: ['192.0.2.0/25'] },
      ),
      { minLength: 1, maxLength: 2 },
    )
    .map(sources => [{ from: sources.map(source => ({ source })) }]),
})

const assumedCallers: readonly Request['from'][] = [
  { namespace: 'batch', serviceAccount: 'nightly' },
  { namespace: 'batch', serviceAccount: 'hourly' },
  { namespace: 'reports', serviceAccount: 'nightly' },
  {
    namespace: 'somewhere',
    serviceAccount: 'else',
    identity: 'spiffe://partner.example/ns/bridge/sa/bridge',
  },
  { namespace: 'somewhere', serviceAccount: 'else', identity: 'spiffe://partner.example/ns/other/sa/other' },
].flatMap(from => ['192.0.2.7', '192.0.2.200', '198.51.100.7'].map(ip => ({ ...from, ip })))

comparison('of a mesh with itself, in any order of its manifests, is empty', () => {
  holds(
    fc.property(
      manifests().chain(({ objects, meshConfig }) =>
        fc.tuple(
          fc.constant(getModel(objects, meshConfig)),
          fc
            .shuffledSubarray([...objects], { minLength: objects.length })
            .map(shuffled => getModel(shuffled, meshConfig)),
        ),
      ),
      ([before, after]) => {
        const { differences, defects } = compare(before, after)
        assert.equal([differences, defects], [[], []])
      },
    ),
  )
})

/** Returns the report of a comparison, without the places in manifests. */
const listTold = ({ differences, unknown, defects, pairs }: Comparison) => ({
  differences: differences.map(({ section, change, callers, destinations, regions, witness, causes }) => ({
    ...{ section, change, callers, destinations, regions },
    requests: [witness.before.request, witness.after.request],
    results: [outcome(witness.before.result), outcome(witness.after.result)],
    causes: [causes.before, causes.after].map(side => side.map(unplaced)),
  })),
  unknown: unknown.map(({ because, ...part }) => ({ ...part, because: because.map(unplaced) })),
  defects,
  pairs,
})

const unplaced = ({ object: { kind, namespace, name }, path }: At) => ({ kind, namespace, name, path })

comparison('gives the same result for models that share common manifests', () => {
  let shared = 0
  holds(
    fc.property(changedManifests(), ({ before, after, meshConfig }) => {
      const read = makeModelReader()
      const now = read(listObjects(after), { value: meshConfig })
      const was = read(listObjects(before), { value: meshConfig })
      shared += was.workloads.filter(workload => now.workloads.includes(workload)).length
      assert.equal(
        listTold(compare(was, now)),
        listTold(compare(getModel(before, meshConfig), getModel(after, meshConfig))),
      )
    }),
    { endOnFailure: true },
  )
  assert.ok(shared > 100, String(shared))
})

/**
 * Lists the pairs of caller and destination of each difference. More callers cut the same regions into more
 * pieces, so regions are left out.
 */
function listPairs({ differences, unknown }: Comparison): readonly string[] {
  // A part that is unknown on both sides is reported only if a change can touch it.
  const oneSided = unknown.filter(({ side }) => side !== 'both')
  const reported = [
    ...differences.map(({ section, change, ...who }) => ({ what: `${section} ${change}`, ...who })),
    ...oneSided.map(({ side, ...who }) => ({ what: `unknown ${side}`, ...who })),
  ]
  const pairs = reported.flatMap(({ what, callers, destinations }) =>
    callers.flatMap(caller => destinations.map(to => JSON.stringify([what, caller, to]))),
  )
  return [...new Set(pairs)].sort()
}

comparison('leaves out only requests that a change cannot affect: a full comparison finds the same', () => {
  let left = 0
  holds(
    fc.property(changedManifests(), ({ before, after, meshConfig }) => {
      const sides = {
        before: indexModel(getModel(before, meshConfig)),
        after: indexModel(getModel(after, meshConfig)),
      }
      const touched = findAffected(sides.before, sides.after)
      const everything = { ...touched, isEverything: true, host: () => true, caller: () => true }
      const [some, all] = [compareTouched(sides, touched), compareTouched(sides, everything)]
      assert.equal(listPairs(some), listPairs(all))
      assert.equal(all.defects, [])
      left += all.pairs.compared - some.pairs.compared
    }),
    { endOnFailure: true },
  )
  assert.ok(left > 100, String(left))
})

comparison('finds a change of the first of two addresses of a ServiceEntry', () => {
  const entry = (...addresses: readonly string[]) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'db', namespace: 'web' },
    spec: {
      hosts: ['db.example.com'],
      addresses,
      ports: [{ number: 5432, name: 'tcp', protocol: 'TCP' }],
      resolution: 'DNS',
    },
  })
  const sides = ['240.0.0.1', '240.0.0.3'].map(first => indexModel(getModel([entry(first, '240.0.0.2')])))
  const touched = findAffected(sides[0]!, sides[1]!)
  assert.ok(touched.host('db.example.com'))
  assert.not.ok(touched.host('other.example.com'))
})

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

comparison('does not know the result for a workload that no request can distinguish from another', () => {
  const sidecarless = deployment('a', { app: 'web', 'sidecar.istio.io/inject': 'false' })
  const self = deployment('b', { app: 'web' })
  const route = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'web' },
    spec: {
      hosts: ['web.web.svc.cluster.local'],
      http: [{ match: [{ sourceNamespace: 'web' }], directResponse: { status: 418 } }],
    },
  }
  const objects = [web, sidecarless, self]
  const { defects, unknown } = compare(getModel(objects), getModel([...objects, route]))
  assert.equal(defects, [])
  const reasons = unknown
    .filter(({ callers }) => callers.some(caller => caller.kind === 'workload' && caller.name === 'b'))
    .flatMap(({ because }) => because.map(({ object, reason }) => `${object.name}: ${reason?.code}`))
  assert.equal([...new Set(reasons)], ['a: indistinguishable-caller'])
  assert.equal(compare(getModel([web, self]), getModel([web, self, route])).unknown, [])
})

comparison.run()
