import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../holds.ts'
import { changedManifests } from './changes.ts'
import { getFields, readList } from './fields.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { manifests } from './manifests.ts'
import { requestsFor } from './requests.ts'

const drawnManifests = suite('drawn manifests')

drawnManifests('have each object once, and a caller for each request', () =>
  holds(
    fc.property(
      manifests().chain(({ objects }) =>
        fc.record({ objects: fc.constant(objects), request: requestsFor(objects) }),
      ),
      ({ objects, request }) => {
        const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
        assert.is(new Set(names).size, names.length)
        const { namespace, gateway } = request.from
        const home = gateway?.namespace ?? namespace
        const isAtHome = ({ kind, metadata }: KubernetesObject) =>
          /Deployment|Pod/.test(kind) && metadata.namespace === home
        const policies = objects.filter(({ kind }) => kind === 'AuthorizationPolicy')
        // Policies may name workloads that no manifest runs.
        assert.ok(objects.some(isAtHome) || /nightly|batch/.test(JSON.stringify(policies)))
        assert.match(request.path ?? '/', /^\/[\x21-\x7e]*$/)
        for (const [name, value] of Object.entries(request.headers ?? {}))
          assert.match(`${name}: ${value}`, /^[a-z0-9-]+: [\x20-\x7e]*$/)
      },
    ),
  ),
)

drawnManifests('have each address once, and each port of a Service, before a change and after it', () =>
  holds(
    fc.property(changedManifests(), ({ before, after }) => {
      for (const objects of [before, after]) {
        const services = objects.filter(({ kind }) => kind === 'Service')
        const ports = services.map(({ spec }) =>
          readList(spec?.['ports']).map(port => getFields(port)['port']),
        )
        for (const given of [objects.flatMap(({ status }) => status?.['podIP'] ?? []), ...ports])
          assert.is(new Set(given).size, given.length)
      }
    }),
    { numRuns: 400 },
  ),
)

drawnManifests('are asked a list of requests that are drawn apart', () => {
  const lists = manifests().chain(({ objects }) =>
    fc.array(requestsFor(objects), { minLength: 20, maxLength: 20 }),
  )
  for (const requests of fc.sample(lists, { seed: 1, numRuns: 20 }))
    assert.ok(new Set(requests.map(request => JSON.stringify(request))).size > 10)
})

drawnManifests('use, some time, all that is to be modelled', () => {
  const unseen = new Set([
    ...['Pod', 'Deployment', 'Gateway', 'ServiceEntry', 'Sidecar', 'RequestAuthentication', 'delegate'],
    ...[
      'STRICT',
      'DISABLE',
      'portLevelMtls',
      'ISTIO_MUTUAL',
      'portLevelSettings',
      'exportTo',
      'REGISTRY_ONLY',
    ],
    ...['withoutHeaders', 'queryParams', 'sourceLabels', 'sourceNamespace', 'regex', 'ignoreUriCase'],
    ...['rewrite', 'redirect', 'directResponse', 'fault', 'mirror', 'corsPolicy', 'retries', 'timeout'],
    ...['CUSTOM', 'DENY', 'AUDIT', 'when', 'notPaths', 'requestPrincipals', 'ipBlocks', 'serviceAccounts'],
    ...['PASSTHROUGH', 'MUTUAL', 'httpsRedirect', 'sniHosts', 'None', 'audiences', 'fromParams'],
  ])
  for (const { objects } of fc.sample(manifests(), { seed: 1, numRuns: 200 })) {
    const text = JSON.stringify(objects)
    for (const word of unseen) if (text.includes(`"${word}"`)) unseen.delete(word)
  }
  assert.equal([...unseen], [])
})

drawnManifests.run()
