import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel, Service } from '../../compiler/behavior/model.ts'
import type { AskedToken } from '../../compiler/behavior/reach/asked-token.ts'
import { makeReachFinder, type ReachCaller } from '../../compiler/behavior/reach/reach.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { issuers } from '../arbitraries/manifests/patterns.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { holds } from '../holds.ts'
import { getModel } from '../support/model-of.ts'

const laws = suite('laws: reach')

const drawn = manifests({ services: 4 }).chain(({ objects, meshConfig }) =>
  fc.record({
    model: fc.constant(getModel(objects, meshConfig)),
    requests: fc.array(requestsFor(objects), { minLength: 40, maxLength: 40 }),
    path: fc.constantFrom(undefined, '/api*', '/admin*', '/items/a'),
    method: fc.constantFrom(undefined, 'GET', 'POST'),
  }),
)

laws('each caller that reaches a service is listed, and each example request is allowed', () => {
  let through = 0
  let shown = 0
  holds(
    fc.property(drawn, ({ model, requests, path, method }) => {
      const services = model.services.filter(
        ({ registry, selector }) => registry === 'Kubernetes' && Object.keys(selector).length > 0,
      )
      const reach = makeReachFinder(model)
      for (const service of services) {
        const targets = model.workloads.filter(
          ({ namespace, labels, proxy }) =>
            proxy !== 'gateway' &&
            namespace === service.namespace &&
            Object.entries(service.selector).every(([key, value]) => labels[key] === value),
        )
        const isTarget = (workload: string | undefined) =>
          targets.some(({ namespace, name }) => `${namespace}/${name}` === workload)
        const reached = reach({
          to: { workloads: [{ namespace: service.namespace, labels: service.selector }] },
          method,
          path,
          headers: [],
          token: undefined,
          isAsked: () => true,
          assumedCallers: [],
          includesRefused: false,
        })
        for (const foundReach of reached) {
          if (foundReach.through === undefined) continue
          shown++
          const { outcomes } = evaluate(model, foundReach.through.request)
          assert.ok(outcomes.some(({ workload, verdict }) => verdict === 'ALLOW' && isTarget(workload)))
        }
        const may = new Set(
          reached
            .filter(foundReach => foundReach.through !== undefined || foundReach.unknown.length > 0)
            .flatMap(({ callers }) => callers.map(getName)),
        )
        const known = new Set(model.workloads.map(({ namespace, name }) => `${namespace}/${name}`))
        for (const request of requests) {
          if (!isInSpace(model, request)) continue
          const { client, outcomes } = evaluate(model, request)
          const isThrough = outcomes.some(
            ({ workload, verdict, upstream }) =>
              verdict === 'ALLOW' &&
              isTarget(workload) &&
              upstream !== undefined &&
              (method === undefined || upstream.method === method) &&
              (path === undefined || isOn(path, upstream.path.replace(/[?#].*$/, ''))),
          )
          if (!isThrough || !known.has(client)) continue
          through++
          assert.ok(may.has(client), `${client} ${service.host} ${method} ${path} ${JSON.stringify(request)}`)
        }
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(through > 50 && shown > 300, `${through} requests got through, and ${shown} were shown`)
})

const tokens: fc.Arbitrary<AskedToken> = fc.oneof(
  fc.constant({ isMissing: true, issuers: [], claims: [] }),
  fc
    .record({
      issuers: fc.subarray([...issuers]),
      group: fc.constantFrom<readonly string[]>([], ['*'], ['staff'], ['dev', 'admin'], ['st*']),
      role: fc.constantFrom<readonly string[]>([], ['staff'], ['*']),
    })
    .filter(({ issuers, group, role }) => issuers.length + group.length + role.length > 0)
    .map(({ issuers, group, role }) => ({
      isMissing: false,
      issuers,
      claims: [
        ...(group.length === 0 ? [] : [[['group'], group] as const]),
        ...(role.length === 0 ? [] : [[['realm', 'role'], role] as const]),
      ],
    })),
)

const withTokens = manifests({ services: 4 })
  .filter(({ objects }) => objects.some(({ kind }) => kind === 'RequestAuthentication'))
  .chain(({ objects, meshConfig }) =>
    fc.record({
      objects: fc.constant(objects),
      meshConfig: fc.constant(meshConfig),
      requests: fc.array(requestsFor(objects), { minLength: 40, maxLength: 40 }),
      token: tokens,
    }),
  )

laws('the requests with the token of a question are those that a policy for such tokens refuses', () => {
  let through = 0
  let shown = 0
  holds(
    fc.property(withTokens, ({ objects, meshConfig, requests, token }) => {
      const model = getModel(objects, meshConfig)
      const reach = makeReachFinder(model)
      const services = model.services.filter(
        ({ registry, selector }) => registry === 'Kubernetes' && Object.keys(selector).length > 0,
      )
      for (const service of services) {
        const foreign = { isMissing: false, issuers: ['https://nobody.example'], claims: [] }
        const models: Models = {
          model,
          refusing: getModel([...objects, refuseTokens(service, token)], meshConfig),
          withoutBytes: getModel([...objects, refuseTokens(service, foreign)], meshConfig),
          closed: getModel([...objects, refuse(service, {})], meshConfig),
        }
        const reached = reach({
          to: { workloads: [{ namespace: service.namespace, labels: service.selector }] },
          method: undefined,
          path: undefined,
          headers: [],
          token,
          isAsked: () => true,
          assumedCallers: [],
          includesRefused: false,
        })
        for (const each of reached) {
          if (each.through === undefined) continue
          shown++
          const isShown = getsThrough(models, service, token, each.through.request)
          assert.ok(isShown, `${service.host} ${JSON.stringify([token, each.through.request])}`)
        }
        const may = new Set(
          reached
            .filter(each => each.through !== undefined || each.unknown.length > 0)
            .flatMap(({ callers }) => callers.map(getName)),
        )
        const known = new Set(model.workloads.map(({ namespace, name }) => `${namespace}/${name}`))
        for (const request of requests) {
          if (!isInSpace(model, request)) continue
          if (!getsThrough(models, service, token, request)) continue
          const { client } = evaluate(model, request)
          if (!known.has(client)) continue
          through++
          assert.ok(may.has(client), `${client} ${service.host} ${JSON.stringify([token, request])}`)
        }
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(through > 50 && shown > 300, `${through} requests got through, and ${shown} were shown`)
})

laws.run()

/**
 * Checks whether a request belongs to the question: HTTP with a whole host name, without its own Host header,
 * and not to a port that the mesh declares as TLS.
 */
function isInSpace(
  { services }: BehaviorModel,
  { to, protocol = 'http', plaintext, headers = {} }: Parameters<typeof evaluate>[1],
): boolean {
  if (Object.keys(headers).some(name => name.toLowerCase() === 'host')) return false
  const isWhole = /\.svc\.cluster\.local$|\.example(\.\w+)?$/.test(to.host)
  const ports = services.filter(({ host }) => host === to.host).flatMap(({ ports }) => ports)
  const isTls = ports.some(
    port => port.number === to.port && (port.protocol === 'TLS' || port.protocol === 'HTTPS'),
  )
  return isWhole && protocol === 'http' && plaintext !== true && !isTls
}

const getName = ({ name }: ReachCaller): string =>
  name.kind === 'outside'
    ? `${name.gateway.namespace}/${name.gateway.name}`
    : `${name.namespace}/${name.name}`

const isOn = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern

/** Returns the policy that refuses requests with such a token at a service. */
const refuseTokens = (service: Service, { isMissing, issuers, claims }: AskedToken) =>
  refuse(service, {
    when: [
      ...(isMissing ? [{ key: 'request.auth.claims[iss]', notValues: ['*'] }] : []),
      ...(issuers.length === 0 ? [] : [{ key: 'request.auth.claims[iss]', values: issuers }]),
      ...claims.map(([path, values]) => ({ key: `request.auth.claims[${path.join('][')}]`, values })),
    ],
  })

const refuse = ({ namespace, selector }: Service, rule: object) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'refused-tokens', namespace },
  spec: { selector: { matchLabels: selector }, action: 'DENY', rules: [rule] },
})

interface Models {
  readonly model: BehaviorModel
  /** The same model with a policy that refuses requests with the token. */
  readonly refusing: BehaviorModel
  /**
   * The same model with a policy that denies no request. If a proxy sees only bytes, a condition on requests
   * denies all of them.
   */
  readonly withoutBytes: BehaviorModel
  /** The same model with a policy that denies all requests: a request that arrives passes no proxy. */
  readonly closed: BehaviorModel
}

/**
 * Checks whether a request with such a token reaches a service. If a proxy sees no requests, or there is no
 * proxy, the request has no token.
 */
function getsThrough(
  { model, refusing, withoutBytes, closed }: Models,
  { namespace, selector }: Service,
  { isMissing }: AskedToken,
  request: Parameters<typeof evaluate>[1],
): boolean {
  const targets = model.workloads.filter(
    ({ labels, proxy, ...workload }) =>
      proxy !== 'gateway' &&
      workload.namespace === namespace &&
      Object.entries(selector).every(([key, value]) => labels[key] === value),
  )
  const listArrivals = (at: BehaviorModel) =>
    evaluate(at, request).outcomes.filter(
      ({ workload, verdict }) =>
        verdict === 'ALLOW' && targets.some(target => `${target.namespace}/${target.name}` === workload),
    )
  const [refused, seen, direct] = [refusing, withoutBytes, closed].map(listArrivals)
  return listArrivals(model).some(arrival => {
    const isIn = (arrivals: typeof seen = []) =>
      arrivals.some(({ workload, cluster }) => workload === arrival.workload && cluster === arrival.cluster)
    return isIn(direct) || !isIn(seen) ? isMissing : !isIn(refused)
  })
}
