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
      for (const { name, spec } of ofKind(subject.objects, 'DestinationRule'))
        assert.ok(hosts.has(String(at(spec, 'host'))), name)
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
        assert.ok(one === '.' || namespaces.has(one), `${name}: ${one}`)
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
