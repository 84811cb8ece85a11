import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { makeMtlsMatrix } from '../../compiler/behavior/lint/mtls-matrix.ts'
import {
  findRouteStates,
  listRulePlaces,
  type RouteState,
} from '../../compiler/behavior/lint/route-states.ts'
import { findRuleStates, type RuleState } from '../../compiler/behavior/lint/rule-states.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import type { Request } from '../../compiler/behavior/request.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { holds } from '../holds.ts'
import { getModel } from '../support/model-of.ts'

const laws = suite('laws: lint')

interface Drawn {
  readonly model: BehaviorModel
  readonly requests: readonly Request[]
}

const drawn: fc.Arbitrary<Drawn> = manifests({ services: 4 }).chain(({ objects, meshConfig }) =>
  fc.record({
    model: fc.constant(getModel(objects, meshConfig)),
    requests: fc.array(requestsFor(objects), { minLength: 40, maxLength: 40 }),
  }),
)

/** A mesh has hundreds of parts: shrinking it takes longer than reading it. */
const unshrunk = { endOnFailure: true }

/** Removes the policies. They follow the routes, and may prevent a request from reaching its destination. */
const withoutPolicies = (model: BehaviorModel): BehaviorModel => ({
  ...model,
  authorizationPolicies: [],
  requestAuthentications: [],
})

laws('a dead route takes no request, and a live route takes its example', () => {
  const counts = { live: 0, dead: 0, idle: 0, unknown: 0 }
  holds(
    fc.property(drawn, ({ model, requests }) => {
      const states = model.virtualServices.flatMap(findRouteStates(model))
      const routed = withoutPolicies(model)
      for (const state of states) {
        counts[state.state]++
        if (state.state === 'live')
          // A route with conditions on claims takes requests only at proxies that read tokens.
          assert.ok(
            [routed, { ...model, authorizationPolicies: [] }].some(each =>
              takes(state, evaluate(each, state.witness)),
            ),
            getWords(state, state.witness),
          )
        if (state.state !== 'dead' && state.state !== 'idle') continue
        for (const request of requests)
          assert.not.ok(takes(state, evaluate(routed, request)), getWords(state, request))
      }
    }),
    unshrunk,
  )
  assert.ok(counts.dead > 20 && counts.live > 100, JSON.stringify(counts))
  assert.ok(counts.unknown < counts.live / 2, JSON.stringify(counts))
})

laws('an idle rule decides about no request, and a live rule decides about its example', () => {
  const counts = { live: 0, dead: 0, idle: 0, unselected: 0, unknown: 0 }
  holds(
    fc.property(drawn, ({ model, requests }) => {
      const states = model.authorizationPolicies.flatMap(findRuleStates(model))
      for (const state of states) {
        counts[state.state]++
        const without = withoutRule(model, state)
        if (state.state === 'live') {
          const results = [evaluate(model, state.witness), evaluate(without, state.witness)]
          if (results.every(({ verdict }) => verdict !== 'UNKNOWN'))
            assert.is.not(reported(results[0]!), reported(results[1]!))
        }
        if (state.state === 'live' || state.state === 'unknown') continue
        for (const request of requests) {
          const results = [evaluate(model, request), evaluate(without, request)]
          if (results.some(({ verdict }) => verdict === 'UNKNOWN')) continue
          assert.is(reported(results[0]!), reported(results[1]!))
        }
      }
    }),
    unshrunk,
  )
  assert.ok(counts.dead > 5 && counts.live > 50, JSON.stringify(counts))
})

laws('each caller of a workload uses the encryption of the matrix', () => {
  let count = 0
  holds(
    fc.property(drawn, ({ model, requests }) => {
      const rows = makeMtlsMatrix(model)
      const routed = withoutPolicies(model)
      for (const request of requests) {
        const { mode, outcomes, client } = evaluate(routed, request)
        const who = mode === 'none' ? 'no sidecar' : mode
        const namespace = client.split('/')[0]!
        for (const { cluster = '', workload, transport, verdict } of outcomes) {
          const [, port, subset, host] = cluster.split('|')
          const mtlsRows = rows.filter(
            row => row.host === host && String(row.port) === port && row.workload === workload,
          )
          const row =
            mtlsRows.find(row => (row.subset ?? '') === subset) ??
            mtlsRows.find(row => row.subset === undefined)
          const cell = row?.cells.find(
            cell => cell.who === who && (cell.namespaces.length === 0 || cell.namespaces.includes(namespace)),
          )
          if (cell === undefined || cell.transport === 'unknown' || verdict === 'UNKNOWN') continue
          count++
          const isRefused = verdict === 'RESET' || verdict === 'UPSTREAM_RESET'
          assert.is(isRefused ? 'refused' : transport, cell.transport, JSON.stringify(request))
        }
      }
    }),
    unshrunk,
  )
  assert.ok(count > 500, `${count} requests were compared`)
})

laws.run()

const getWords = ({ virtualService, protocol, index, state }: RouteState, request: Request): string =>
  `${virtualService.namespace}/${virtualService.name} ${protocol}[${index}] ${state} ${JSON.stringify(request)}`

const takes = (name: RouteState, { steps }: Result): boolean =>
  steps.some(
    ({ step, at }) =>
      step === 'route' &&
      // Several rules of delegates share a place.
      listRulePlaces(name).every(place =>
        at.some(
          ({ object, path }) =>
            place.object === object && place.path.every((part, index) => path[index] === part),
        ),
      ),
  )

const withoutRule = (model: BehaviorModel, { policy, index }: RuleState): BehaviorModel => ({
  ...model,
  authorizationPolicies: model.authorizationPolicies.map(authorizationPolicy =>
    authorizationPolicy === policy
      ? { ...authorizationPolicy, rules: authorizationPolicy.rules.filter((_, place) => place !== index) }
      : authorizationPolicy,
  ),
})

/** Serializes the fate of a request, without its sources in manifests. */
const reported = ({ verdict, outcomes }: Result): string =>
  JSON.stringify([
    verdict,
    outcomes.map(({ cluster, workload, transport, verdict, status }) => [
      cluster,
      workload,
      transport,
      verdict,
      status,
    ]),
  ])
