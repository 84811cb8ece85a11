import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isAnyAllowed } from '../../bin/behavior/can-json.ts'
import { findAllowed } from '../../compiler/behavior/allowed/allowed.ts'
import type { Connection } from '../../compiler/behavior/connections/connection.ts'
import { findConnections } from '../../compiler/behavior/connections/find-connections.ts'
import { evaluate } from '../../compiler/behavior/evaluate/evaluate.ts'
import type { BehaviorModel, Workload } from '../../compiler/behavior/model.ts'
import type { CallerName } from '../../compiler/behavior/pairs/names.ts'
import { manifests } from '../arbitraries/manifests/manifests.ts'
import { requestsFor } from '../arbitraries/manifests/requests.ts'
import { holds } from '../holds.ts'
import { getModel } from '../support/model-of.ts'

const laws = suite('laws: connections')

const drawn = manifests({ services: 4 }).chain(({ objects, meshConfig }) =>
  fc.record({
    model: fc.constant(getModel(objects, meshConfig)),
    requests: fc.array(requestsFor(objects), { minLength: 40, maxLength: 40 }),
  }),
)

laws('the connections of a mesh are the pairs that `can` allows', () => {
  let allowed = 0
  let refused = 0
  holds(
    fc.property(drawn, ({ model }) => {
      const connections = [...findConnections(model)]
      for (const caller of listCallers(model))
        for (const { host, ports, registry } of model.services)
          for (const { number: port, protocol } of ports) {
            if (registry !== 'Kubernetes' || protocol !== 'HTTP') continue
            const { namespace, serviceAccount, labels } = caller
            const request = {
              from: { namespace, serviceAccount, labels },
              to: { host, port },
              protocol: 'http',
              method: 'GET',
              path: '/',
            } as const
            const answer = findAllowed(model, request)
            const between = connections.filter(connection => isBetween(connection, caller, host, port))
            if (between.some(({ unknown }) => unknown.length > 0) || answer.result.verdict === 'UNKNOWN')
              continue
            const isConnected = between.some(({ arrivals }) => arrivals.length > 0)
            if (isConnected) allowed++
            else refused++
            assert.is(isConnected, isAnyAllowed(answer), `${getName(caller)} to ${host}:${port}`)
          }
    }),
    { endOnFailure: true },
  )
  assert.ok(allowed > 200 && refused > 200, `${allowed} pairs are connected, and ${refused} are not`)
})

laws('a request that gets through is on a connection to the workload where it arrives', () => {
  let through = 0
  holds(
    fc.property(drawn, ({ model, requests }) => {
      const connections = [...findConnections(model)]
      for (const request of requests) {
        const { from, to, protocol = 'http', plaintext = false, headers } = request
        // The law covers connections from and to the workloads and addresses of the manifests. They use each
        // port's own protocol and whole host names.
        const isWhole = /\.svc\.cluster\.local$|\.example(\.\w+)?$/.test(to.host)
        const spoken = model.services
          .find(({ host }) => host === to.host)
          ?.ports.find(({ number }) => number === to.port)?.protocol
        const isHttp = protocol === 'http' && (spoken === undefined || spoken === 'HTTP')
        const isAtHome = from.gateway !== undefined || from.ip === undefined
        if (!isWhole || !isHttp || !isAtHome || plaintext || headers?.['host'] !== undefined) continue
        const { client, outcomes } = evaluate(model, request)
        for (const { workload, verdict } of outcomes) {
          if (verdict !== 'ALLOW' || workload === undefined || workload === 'external') continue
          const isFromOutside = from.gateway !== undefined
          if (!isFromOutside && !listCallers(model).some(caller => getName(caller) === client)) continue
          through++
          const isThere = connections.some(
            ({ callers, arrivals, unknown }) =>
              callers.some(caller => isCaller(caller, client, isFromOutside)) &&
              (unknown.length > 0 || arrivals.some(arrival => arrival.workload === workload)),
          )
          assert.ok(isThere, `${client} to ${workload}: ${JSON.stringify(request)}`)
        }
      }
    }),
    { endOnFailure: true },
  )
  assert.ok(through > 300, `${through} requests get through`)
})

laws.run()

const getName = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`

const isCaller = (caller: CallerName, client: string, isFromOutside: boolean): boolean =>
  caller.kind === 'outside'
    ? isFromOutside && getName(caller.gateway) === client
    : !isFromOutside && getName(caller) === client

const listCallers = ({ workloads }: BehaviorModel): readonly Workload[] =>
  workloads.filter(({ proxy, assumed }) => proxy !== 'gateway' && assumed === undefined)

const isBetween = (
  { callers, destination }: Connection,
  { namespace, name }: Workload,
  host: string,
  port: number,
): boolean =>
  destination.host === host &&
  destination.port === port &&
  callers.some(
    caller =>
      caller.kind === 'workload' && !caller.assumed && caller.namespace === namespace && caller.name === name,
  )
