import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { externalsOf, gatewaysOf, rootNamespace, servicesOf } from '../properties/declared.ts'
import {
  at,
  type Emitted,
  entriesAt,
  everyMesh,
  listAt,
  ofKind,
  type Subject,
} from '../properties/subject.ts'

const references = suite('closed references')

/** Every destination of a route, with the rule it is of. */
function* destinations(
  objects: readonly Emitted[],
): Iterable<{ readonly name: string; readonly destination: unknown }> {
  for (const { name, spec } of ofKind(objects, 'VirtualService')) {
    for (const kind of ['http', 'tls', 'tcp']) {
      for (const rule of listAt(spec, kind)) {
        for (const share of [...listAt(rule, 'route'), ...listAt(rule, 'mirrors')])
          yield { name, destination: at(share, 'destination') }
      }
    }
  }
}

/** `host:port` of everything that can be called. */
const callable = ({ spec, objects }: Subject): ReadonlySet<string> =>
  new Set([
    ...servicesOf(spec).flatMap(({ host, ports }) => ports.map(({ number }) => `${host}:${number}`)),
    ...ofKind(objects, 'ServiceEntry').flatMap(({ spec: entry }) =>
      listAt(entry, 'hosts').flatMap(host =>
        listAt(entry, 'ports').map(port => `${String(host)}:${at(port, 'number')}`),
      ),
    ),
  ])

references(
  'every destination is a port of a declared service or external host, and every subset is defined',
  () =>
    everyMesh(subject => {
      const known = callable(subject)
      const subsets = new Set(
        ofKind(subject.objects, 'DestinationRule').flatMap(({ spec }) =>
          listAt(spec, 'subsets').map(subset => `${at(spec, 'host')} ${at(subset, 'name')}`),
        ),
      )
      for (const { name, destination } of destinations(subject.objects)) {
        const host = String(at(destination, 'host'))
        const target = `${host}:${String(at(destination, 'port', 'number'))}`
        assert.ok(known.has(target), `${name} leads to ${target}`)
        const subset = at(destination, 'subset')
        if (subset !== undefined)
          assert.ok(subsets.has(`${host} ${String(subset)}`), `${name} leads to ${subset}`)
      }
      const hosts = new Set([...known].map(target => target.slice(0, target.lastIndexOf(':'))))
      const ruled = ofKind(subject.objects, 'DestinationRule').map(({ spec }) => String(at(spec, 'host')))
      for (const host of ruled) assert.ok(hosts.has(host), host)
      assert.is(new Set(ruled).size, ruled.length, 'a host has one DestinationRule')
      const called = [...destinations(subject.objects)].map(({ destination }) => at(destination, 'host'))
      assert.equal(
        called.filter(host => !ruled.includes(String(host))),
        [],
      )
    }),
)

references('every gateway, secret and provider that is named is there', () =>
  everyMesh(({ spec, objects, operator }) => {
    const gateways = new Set(ofKind(objects, 'Gateway').map(({ namespace, name }) => `${namespace}/${name}`))
    for (const { name, spec: service } of ofKind(objects, 'VirtualService'))
      for (const gateway of listAt(service, 'gateways'))
        assert.ok(gateway === 'mesh' || gateways.has(String(gateway)), `${name}: ${String(gateway)}`)

    const secrets = new Set([
      ...ofKind(objects, 'Certificate').map(one => `${one.namespace}/${at(one.spec, 'secretName')}`),
      ...gatewaysOf(spec).map(
        ({ namespace, spec: gateway }) => `${namespace}/${gateway.certificate?.secret}`,
      ),
    ])
    for (const { name, namespace, spec: gateway } of ofKind(objects, 'Gateway'))
      for (const server of listAt(gateway, 'servers')) {
        const secret = at(server, 'tls', 'credentialName')
        if (secret !== undefined) assert.ok(secrets.has(`${namespace}/${String(secret)}`), name)
      }

    // Istio brings this one itself.
    const providers = new Set<unknown>(['prometheus'])
    for (const provider of listAt(operator, 'meshConfig', 'extensionProviders'))
      providers.add(at(provider, 'name'))
    for (const { spec: telemetry } of ofKind(objects, 'Telemetry'))
      for (const signal of ['accessLogging', 'tracing', 'metrics'])
        for (const entry of listAt(telemetry, signal))
          for (const provider of listAt(entry, 'providers'))
            assert.ok(providers.has(at(provider, 'name')), `${signal}: ${at(provider, 'name')}`)
  }),
)

references('every namespace that is named is there', () =>
  everyMesh(({ spec, objects }) => {
    const collector = spec.observability?.tracing?.collector?.split(/[.:]/)[1]
    const namespaces = new Set<unknown>([
      rootNamespace(spec),
      ...ofKind(objects, 'Namespace').map(({ name }) => name),
    ])
    for (const { kind, name, namespace, spec: body } of objects) {
      if (namespace !== undefined) assert.ok(namespaces.has(namespace), `${kind} ${namespace}/${name}`)
      for (const one of listAt(body, 'exportTo'))
        assert.ok(one === '.' || one === '*' || namespaces.has(one), `${name}: ${one}`)
      for (const rule of listAt(body, 'rules'))
        for (const one of listAt(rule, 'from', 0, 'source', 'namespaces'))
          assert.ok(namespaces.has(one), name)
      for (const one of listAt(body, 'namespaceSelector', 'matchNames')) assert.ok(namespaces.has(one), name)
    }
    for (const { name, spec: sidecar } of ofKind(objects, 'Sidecar')) {
      const known = new Set([
        ...servicesOf(spec).map(({ namespace, host }) => `${namespace}/${host}`),
        ...externalsOf(spec).flatMap(({ namespace, spec: external }) =>
          (external.hosts ?? []).map(host => `${namespace}/${host}`),
        ),
      ])
      for (const host of listAt(sidecar, 'egress').flatMap(entry => listAt(entry, 'hosts'))) {
        const [namespace] = String(host).split('/')
        const isAround = namespace === rootNamespace(spec) || namespace === collector
        assert.ok(known.has(String(host)) || isAround, `${name} knows ${String(host)}`)
      }
    }
  }),
)

references('the mesh config is the same for istioctl and for Helm', () =>
  everyMesh(({ operator, istiod }) => {
    assert.equal(at(operator, 'meshConfig'), at(istiod, 'meshConfig'))
  }),
)

references('every principal is of a declared workload or said, and every token of a declared issuer', () =>
  everyMesh(({ spec, objects }) => {
    const said = servicesOf(spec).flatMap(({ spec: service }) =>
      (service.allow ?? []).map(({ from }) => from),
    )
    const principals = new Set<unknown>([
      ...[...servicesOf(spec), ...gatewaysOf(spec)].map(({ principal }) => principal),
      ...said.map(from => from.replace(/^external-caller\//, '')),
    ])
    const issuers = ofKind(objects, 'RequestAuthentication').map(({ namespace, name, spec: tokens }) => {
      return `${namespace}/${name} ${String(at(tokens, 'jwtRules', 0, 'issuer'))}/*`
    })
    for (const { namespace, name, spec: policy } of ofKind(objects, 'AuthorizationPolicy')) {
      for (const rule of listAt(policy, 'rules')) {
        const source = at(rule, 'from', 0, 'source')
        for (const principal of listAt(source, 'principals')) assert.ok(principals.has(principal), name)
        for (const token of listAt(source, 'requestPrincipals'))
          assert.ok(issuers.includes(`${namespace}/${name} ${String(token)}`), `${name}: ${String(token)}`)
      }
    }
  }),
)

references('no object is there twice, and the kustomization lists exactly the files of manifests/', () =>
  everyMesh(({ objects, paths, kustomization }) => {
    const identities = objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)
    assert.is(new Set(identities).size, identities.length)
    const manifests = paths.filter(path => path.startsWith('manifests/'))
    assert.equal(listAt(kustomization, 'resources'), manifests.toSorted())
  }),
)

references('every selector selects a declared workload', () =>
  everyMesh(({ spec, objects }) => {
    const workloads = new Set([
      ...servicesOf(spec).map(({ namespace, selector }) => `${namespace} ${labels(selector)}`),
      ...gatewaysOf(spec).map(({ namespace, name }) => `${namespace} ${labels({ istio: name })}`),
    ])
    for (const { kind, name, namespace, spec: body } of objects) {
      const selector =
        kind === 'Gateway'
          ? at(body, 'selector')
          : (at(body, 'selector', 'matchLabels') ?? at(body, 'workloadSelector', 'labels'))
      if (selector === undefined) continue
      assert.ok(workloads.has(`${namespace} ${labels(selector)}`), `${kind} ${name}: ${labels(selector)}`)
    }
  }),
)

const labels = (selector: unknown) => JSON.stringify(entriesAt(selector).sort())

references.run()
