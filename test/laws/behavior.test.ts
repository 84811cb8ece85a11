import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findAllowed } from '../../compiler/behavior/allowed/allowed.ts'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { readModel } from '../../compiler/behavior/read/read-model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { holds } from '../holds.ts'

const behavior = suite('laws of behavior')

interface Drawn {
  readonly objects: readonly unknown[]
  readonly requests: readonly Request[]
}

const drawn: fc.Arbitrary<Drawn> = manifests({ services: 5 }).chain(({ objects: ofServices, meshConfig }) => {
  const operator = {
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: 'istio' },
    spec: { meshConfig },
  }
  const objects = [...ofServices, operator]
  return fc.record({
    objects: fc.constant(objects),
    requests: fc.array(requestsFor(objects), { minLength: 5, maxLength: 5 }),
  })
})

/** A mesh has hundreds of parts: shrinking it takes longer than reading it. */
const unshrunk = { endOnFailure: true }

const getModel = (objects: readonly unknown[]) =>
  readModel(
    objects.map(
      (value, index): ManifestObject => ({ value, file: 'drawn.yaml', line: index, lineOf: () => index }),
    ),
  )

behavior('every request has an answer, and an unknown answer names its reason', () => {
  holds(
    fc.property(drawn, ({ objects, requests }) => {
      const model = getModel(objects)
      for (const request of requests) {
        const { verdict, unknown, outcomes } = evaluate(model, request)
        const named = unknown.length + outcomes.flatMap(outcome => outcome.unknown).length
        assert.is(verdict === 'UNKNOWN', named > 0)
        for (const outcome of outcomes) assert.is(outcome.verdict === 'UNKNOWN', outcome.unknown.length > 0)
      }
    }),
    unshrunk,
  )
})

behavior('the order of workloads, Services and policies does not matter', () => {
  holds(
    fc.property(drawn, fc.nat(), ({ objects, requests }, turn) => {
      const at = turn % objects.length
      const turned = [...objects.slice(at), ...objects.slice(0, at)]
      const [behaviorModel, otherBehaviorModel] = [getModel(objects), getModel(turned)]
      for (const request of requests)
        assert.equal(
          reported(evaluate(otherBehaviorModel, request)),
          reported(evaluate(behaviorModel, request)),
        )
    }),
    unshrunk,
  )
})

behavior('a rule that denies all denies every request that was allowed', () => {
  const closed = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'zz-closed', namespace: 'istio-system' },
    spec: { action: 'DENY', rules: [{}] },
  }
  let refused = 0
  holds(
    fc.property(drawn, ({ objects, requests }) => {
      const model = getModel(objects)
      const after = getModel([...objects, closed])
      for (const request of requests)
        for (const { verdict, workload } of evaluate(after, request).outcomes) {
          const server = model.workloads.find(
            givenWorkload => `${givenWorkload.namespace}/${givenWorkload.name}` === workload,
          )
          if (server === undefined || server.proxy === 'none' || server.bypassedPorts.length > 0) continue
          assert.is.not(verdict, 'ALLOW', JSON.stringify(request))
          if (verdict === 'DENY') refused++
        }
    }),
    unshrunk,
  )
  assert.ok(refused > 20)
})

behavior('a filter of Envoy for all is never passed over in silence', () => {
  const filter = {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: 'any', namespace: 'istio-system' },
    spec: { configPatches: [{ applyTo: 'HTTP_FILTER', patch: { operation: 'ADD', value: {} } }] },
  }
  let unknowns = 0
  holds(
    fc.property(drawn, ({ objects, requests }) => {
      const model = getModel([...objects, filter])
      for (const request of requests) {
        const { verdict, mode, unknown, outcomes } = evaluate(model, request)
        if (mode === 'none') continue
        assert.is(verdict, 'UNKNOWN')
        const named = [...unknown, ...outcomes.flatMap(outcome => outcome.unknown)]
        assert.ok(named.some(({ object }) => object.kind === 'EnvoyFilter'))
        unknowns++
      }
    }),
    unshrunk,
  )
  assert.ok(unknowns > 20)
})

behavior('each request that the engine lists for a caller is allowed', () => {
  let lines = 0
  holds(
    fc.property(drawn, ({ objects, requests }) => {
      const model = getModel(objects)
      for (const request of requests) {
        if (request.from.gateway !== undefined) continue
        const allowed = findAllowed(model, { ...request, method: 'GET', path: '/' })
        for (const { verdict, request: tried, workloads } of allowed.lines) {
          if (verdict !== 'ALLOW') continue
          const { outcomes } = evaluate(model, tried)
          for (const workload of workloads.slice(0, 1))
            assert.ok(outcomes.some(outcome => outcome.workload === workload && outcome.verdict === 'ALLOW'))
          lines++
        }
      }
    }),
    unshrunk,
  )
  assert.ok(lines > 10, String(lines))
})

behavior.run()

/** Serializes the fate of a request, without its sources in manifests. */
function reported({ client, route, outcomes, verdict }: Result) {
  const clusters = route?.clusters.map(({ cluster, weight }) => `${weight} ${cluster}`)
  const ends = outcomes.map(outcome =>
    [
      outcome.workload,
      outcome.cluster,
      outcome.verdict,
      outcome.status,
      outcome.policy,
      outcome.location,
    ].join(' '),
  )
  return { client, verdict, route: route?.name, clusters: clusters?.toSorted(), ends: ends.toSorted() }
}
