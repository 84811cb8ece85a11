import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import { makeReachFinder, type ReachCaller } from '../../compiler/behavior/reach/reach.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
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

laws('whoever gets a request through is among those who are said to, and what is shown gets through', () => {
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
          isAsked: () => true,
          assumedCallers: [],
          tellsRefused: false,
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
          // The space is HTTP by whole host names.
          const isWhole = /\.svc\.cluster\.local$|\.example(\.\w+)?$/.test(request.to.host)
          if (!isWhole || (request.protocol ?? 'http') !== 'http' || request.plaintext === true) continue
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

laws.run()

const getName = ({ name }: ReachCaller): string =>
  name.kind === 'outside'
    ? `${name.gateway.namespace}/${name.gateway.name}`
    : `${name.namespace}/${name.name}`

const isOn = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
