import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { indexModel as indexForEvaluate } from '../../compiler/behavior/evaluate/indexed-model.ts'
import { findScope as findEvaluatedScope } from '../../compiler/behavior/evaluate/scope.ts'
import type { BehaviorModel, EgressListener } from '../../compiler/behavior/model.ts'
import { indexModel } from '../../compiler/behavior/symbolic/indexed-model.ts'
import { findScope } from '../../compiler/behavior/symbolic/scope.ts'
import { getModel } from '../support/model-of.ts'

const test = suite('behavior/listener-hosts')

const names = Array.from({ length: 200 }, (_, index) => `svc-${index}`)

const makeService = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] },
})

const nameHost = (name: string) => `${name}.shop.svc.cluster.local`

/** Makes a mesh in which one Sidecar lists some hosts. */
const makeModel = (hosts: readonly string[]): BehaviorModel =>
  getModel([
    ...names.map(makeService),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { template: { metadata: { labels: { app: 'web', 'sidecar.istio.io/inject': 'true' } } } },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { workloadSelector: { labels: { app: 'web' } }, egress: [{ hosts }] },
    },
  ])

/** Counts the reads of the names in the listeners of a model. */
function countReads(model: BehaviorModel): { readonly model: BehaviorModel; readonly count: () => number } {
  let reads = 0
  const watchHost = (entry: EgressListener['hosts'][number]): EgressListener['hosts'][number] => ({
    ...entry,
    get host() {
      reads++
      return entry.host
    },
  })
  const sidecars = model.sidecars.map(sidecar => ({
    ...sidecar,
    egress: sidecar.egress.map(listener => ({ ...listener, hosts: listener.hosts.map(watchHost) })),
  }))
  return { model: { ...model, sidecars }, count: () => reads }
}

/** Lists the services that each engine finds for the sidecar of `web`. */
function listServices(model: BehaviorModel): readonly (readonly string[])[] {
  const workload = model.workloads.find(({ name }) => name === 'web')!
  const symbolic = findScope(indexModel(model), 'shop', workload.labels)
  const evaluated = findEvaluatedScope(indexForEvaluate(model), workload)
  return [
    names.filter(name => symbolic.service(nameHost(name), 80) !== undefined),
    names.filter(name => symbolic.clusterService(nameHost(name)) !== undefined),
    names.filter(name => evaluated.service(nameHost(name)) !== undefined),
  ]
}

test('the hosts of a Sidecar are indexed once, not read for each destination', () => {
  const { model, count } = countReads(makeModel(names.map(name => `shop/${nameHost(name)}`)))
  assert.equal(listServices(model), [names, names, names])
  // Each question would read all hosts up to its own: 20,000 reads of each engine.
  assert.ok(count() < 20 * names.length, `${count()} reads`)
})

test('names, wildcards and excluded hosts of a Sidecar select the same services in both engines', () => {
  const host = nameHost('svc-7')
  const selections: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[`shop/${host}`], ['svc-7']],
    [[`*/${host}`], ['svc-7']],
    [[`./${host}`], ['svc-7']],
    [[`bank/${host}`], []],
    [['./*'], names],
    [['shop/*.shop.svc.cluster.local'], names],
    [['*/*', `~shop/${host}`], names.filter(name => name !== 'svc-7')],
    [['./*', `~*/${host}`], names.filter(name => name !== 'svc-7')],
    [['*/*', `~bank/${host}`], names],
    [[`shop/${host}`, '~shop/*.shop.svc.cluster.local'], []],
  ]
  for (const [hosts, expected] of selections)
    assert.equal(listServices(makeModel(hosts)), [expected, expected, expected], hosts.join())
})

test.run()
