import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Compilation } from '../../compiler/compilation.ts'
import { getDeclaredPlane, getRevisionWord } from '../support/control-planes.ts'
import { type Declared, hasRule, hasServiceRule } from '../support/declared.ts'
import { everyMesh, type Law } from '../support/every-mesh.ts'
import {
  type Emitted,
  getIstioOperator,
  getKustomization,
  getMeshConfigs,
  listAllObjects,
  listObjects,
} from '../support/output.ts'

const references = suite('closed references')

/** Lists `host:port` of every callable port. */
const callable = (compilation: Compilation, { services, exits }: Declared): ReadonlySet<string> =>
  new Set([
    ...services.flatMap(({ host, ports }) => ports.map(({ number }) => `${host}:${number}`)),
    ...exits.map(({ host, port }) => `${host}:${port}`),
    ...listObjects(compilation, 'ServiceEntry').flatMap(({ spec: { hosts, ports } }) =>
      hosts.flatMap(host => ports.map(({ number }) => `${host}:${number}`)),
    ),
  ])

/** Lists every destination of a VirtualService. */
const destinationsIn = ({ http = [], tls = [], tcp = [] }: Emitted<'VirtualService'>['spec']) =>
  [...http, ...tls, ...tcp].flatMap(rule => [
    ...(rule.route ?? []),
    ...('mirrors' in rule ? (rule.mirrors ?? []) : []),
  ])

/** The series that some mesh asked for. */
const askedSeries = new Set<string>()

/** The laws of drawn specs. Each spec is compiled once, for all laws. */
const laws: Readonly<Record<string, Law>> = {
  'every destination is a port of a declared service or external host, and every subset is defined': (
    compilation,
    declared,
  ) => {
    const known = callable(compilation, declared)
    const rules = listObjects(compilation, 'DestinationRule')
    const subsets = new Set(
      rules.flatMap(({ spec }) => (spec.subsets ?? []).map(({ name }) => `${spec.host} ${name}`)),
    )
    for (const { name, spec } of listObjects(compilation, 'VirtualService')) {
      for (const { destination } of destinationsIn(spec)) {
        const { host, port, subset } = destination
        assert.ok(known.has(`${host}:${port.number}`), `${name} leads to ${host}:${port.number}`)
        if (subset !== undefined) assert.ok(subsets.has(`${host} ${subset}`), `${name} leads to ${subset}`)
      }
    }
    const hosts = new Set([...known].map(target => target.slice(0, target.lastIndexOf(':'))))
    const ruled = rules.map(({ spec }) => spec.host)
    for (const host of ruled) assert.ok(hosts.has(host), host)
    const forAll = rules
      .filter(({ spec }) => spec.workloadSelector === undefined)
      .map(({ spec }) => spec.host)
    assert.is(new Set(forAll).size, forAll.length, 'a host has one DestinationRule for all callers')
    const left = new Set([
      ...declared.services.filter(service => !hasServiceRule(service)).map(({ host }) => host),
      ...declared.externals
        .filter(({ levels, originates }) => !hasRule(levels, originates))
        .flatMap(({ hosts }) => hosts),
    ])
    const called = listObjects(compilation, 'VirtualService').flatMap(({ spec }) => destinationsIn(spec))
    for (const { destination } of called)
      assert.is(ruled.includes(destination.host), !left.has(destination.host), destination.host)
  },
  'every gateway, secret and provider that is named is there': (compilation, { gateways: declared }) => {
    const gateways = listObjects(compilation, 'Gateway')
    const places = new Set(gateways.map(({ namespace, name }) => `${namespace}/${name}`))
    for (const { name, spec } of listObjects(compilation, 'VirtualService'))
      for (const gateway of spec.gateways ?? [])
        assert.ok(gateway === 'mesh' || places.has(gateway), `${name}: ${gateway}`)

    const podNamespaceOf = (namespace: string, name: string) =>
      declared.find(gateway => gateway.namespace === namespace && gateway.name === name)?.podNamespace
    const secrets = new Set([
      ...listObjects(compilation, 'Certificate').map(
        ({ namespace, spec }) => `${namespace}/${spec.secretName}`,
      ),
      ...declared.flatMap(({ podNamespace, spec }) =>
        [spec.certificate, ...Object.values(spec.certificates ?? {})].map(
          certificate => `${podNamespace}/${certificate?.secret}`,
        ),
      ),
    ])
    for (const { name, namespace, spec } of gateways)
      for (const { tls } of spec.servers)
        if (tls?.credentialName !== undefined)
          assert.ok(secrets.has(`${podNamespaceOf(namespace, name)}/${tls.credentialName}`), name)

    // Istio itself declares this provider.
    const providers = new Set(['prometheus'])
    for (const { name } of getIstioOperator(compilation).meshConfig?.extensionProviders ?? [])
      providers.add(name)
    for (const { spec } of listObjects(compilation, 'Telemetry'))
      for (const signal of [spec.accessLogging, spec.tracing, spec.metrics])
        for (const { name } of (signal ?? []).flatMap(entry => entry.providers ?? []))
          assert.ok(providers.has(name), name)
    for (const { name, spec } of listObjects(compilation, 'AuthorizationPolicy'))
      if (spec.action === 'CUSTOM') assert.ok(providers.has(spec.provider!.name), name)
  },
  'every namespace that is named is there': (compilation, { spec, root, services, externals, exits }) => {
    const namespaces = new Set([
      root,
      ...listObjects(compilation, 'Namespace').map(({ name }) => name),
      // The Service of a rate limiter is in a namespace of another owner.
      ...Object.values(spec.rateLimiters ?? {}).map(limiter => limiter!.grpc!.split(/[.:]/)[1]!),
    ])
    const assertThere = (namespace: string, where: string) =>
      assert.ok(namespaces.has(namespace), `${where}: ${namespace}`)
    for (const { kind, name, namespace } of listAllObjects(compilation))
      if (kind !== 'Namespace') assertThere(namespace, `${kind} ${name}`)
    for (const kind of ['ServiceEntry', 'DestinationRule', 'VirtualService'] as const)
      for (const { name, spec } of listObjects(compilation, kind))
        for (const exportTo of spec.exportTo ?? [])
          if (!/^[.*]$/.test(exportTo)) assertThere(exportTo, `${kind} ${name}`)
    for (const { name, spec } of listObjects(compilation, 'AuthorizationPolicy'))
      for (const { source } of (spec.rules ?? []).flatMap(({ from }) => from ?? []))
        for (const givenNamespace of source.namespaces ?? []) assertThere(givenNamespace, name)
    for (const kind of ['PodMonitor', 'ServiceMonitor'] as const)
      for (const { name, spec } of listObjects(compilation, kind))
        for (const matchName of spec.namespaceSelector?.matchNames ?? []) assertThere(matchName, name)

    const collector = spec.observability?.tracing?.collector?.split(/[.:]/)[1]
    const findIstiod = (namespace: string) => {
      const { revision } = getDeclaredPlane(spec, getRevisionWord(spec, namespace))
      return `${root}/istiod${revision === undefined ? '' : `-${revision}`}.${root}.svc.cluster.local`
    }
    const known = new Set([
      ...services.map(({ namespace, host }) => `${namespace}/${host}`),
      ...externals.flatMap(({ namespace, hosts }) => hosts.map(host => `${namespace}/${host}`)),
      ...exits.map(({ podNamespace, host }) => `${podNamespace}/${host}`),
      ...[
        ...Object.values(spec.authorizers ?? {}).map(authorizer => authorizer!.grpc ?? authorizer!.http!),
        ...Object.values(spec.rateLimiters ?? {}).map(limiter => limiter!.grpc!),
      ].map(address => {
        const [service, namespace] = address.split(/[.:]/)
        return `${namespace}/${service}.${namespace}.svc.cluster.local`
      }),
    ])
    const raw = (spec.raw ?? []).flatMap(object => (object.kind === 'ServiceEntry' ? [object.metadata] : []))
    for (const { name, namespace, spec } of listObjects(compilation, 'Sidecar'))
      for (const host of (spec.egress ?? []).flatMap(({ hosts }) => hosts)) {
        const isCollector = collector !== undefined && host.startsWith(`${collector}/`)
        const istiod = findIstiod(namespace)
        const isRaw =
          host === `${namespace}/legacy.example.net` && raw.some(entry => entry.namespace === namespace)
        assert.ok(known.has(host) || host === istiod || isCollector || isRaw, `${name} knows ${host}`)
      }
  },
  'the mesh config is the same for istioctl and for Helm': compilation => {
    const [[, istioctl], [, helm]] = getMeshConfigs(compilation)
    assert.equal(istioctl, helm)
  },
  'every principal is of a declared workload or said, and every token of a declared issuer': (
    compilation,
    { services, gateways },
  ) => {
    const stated = services.flatMap(({ spec }) =>
      [...(spec.allow ?? []), ...(spec.deny ?? [])].flatMap(({ from = [] }) => from),
    )
    const principals = new Set([
      ...[...services, ...gateways].map(({ principal }) => principal),
      ...stated.map(from => from.replace(/^external-caller\//, '')),
    ])
    const podsOf = (
      namespace: string,
      { selector }: { readonly selector?: { readonly matchLabels: Labels } },
    ) => `${namespace} ${inWords(selector?.matchLabels ?? {})}`
    const issuers = listObjects(compilation, 'RequestAuthentication').flatMap(({ namespace, spec }) =>
      spec.jwtRules.map(({ issuer }) => `${podsOf(namespace, spec)} ${issuer}/*`),
    )
    for (const { namespace, name, spec } of listObjects(compilation, 'AuthorizationPolicy'))
      for (const { source } of (spec.rules ?? []).flatMap(({ from }) => from ?? [])) {
        for (const principal of source.principals ?? []) assert.ok(principals.has(principal), principal)
        for (const token of [source.requestPrincipals, source.notRequestPrincipals].flatMap(
          list => list ?? [],
        ))
          assert.ok(issuers.includes(`${podsOf(namespace, spec)} ${token}`), `${name}: ${token}`)
      }
  },
  'no object is there twice, and the kustomization lists exactly the files of manifests/': compilation => {
    const identities = listAllObjects(compilation).map(
      ({ kind, namespace, name }) => `${kind} ${namespace}/${name}`,
    )
    assert.is(new Set(identities).size, identities.length)
    const paths = [...compilation.files()].map(({ path }) => path)
    const manifests = paths.filter(path => path.startsWith('manifests/'))
    assert.equal(getKustomization(compilation).resources.toSorted(), manifests.toSorted())
  },
  'every selector selects a declared workload': (
    compilation,
    { services, gateways: entrances, exits, crossings },
  ) => {
    const gateways = [...entrances, ...exits, ...crossings]
    const workloads = new Set(
      [...services, ...gateways.map(({ podNamespace: namespace, labels }) => ({ namespace, labels }))].map(
        ({ namespace, labels }) => `${namespace} ${inWords(labels)}`,
      ),
    )
    const assertSelects = ({ kind, name, namespace }: Emitted<Kind>, labels: Labels | undefined) => {
      if (labels === undefined) return
      assert.ok(workloads.has(`${namespace} ${inWords(labels)}`), `${kind} ${name}: ${inWords(labels)}`)
    }
    // A Gateway selects pods in every namespace.
    for (const { name, spec } of listObjects(compilation, 'Gateway'))
      assert.ok(
        gateways.some(
          gateway => gateway.name === name && inWords(gateway.labels) === inWords(spec.selector ?? {}),
        ),
        name,
      )
    for (const emitted of listObjects(compilation, 'Sidecar'))
      assertSelects(emitted, emitted.spec.workloadSelector?.labels)
    for (const kind of ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'] as const)
      for (const emitted of listObjects(compilation, kind))
        assertSelects(emitted, emitted.spec.selector?.matchLabels)
  },
  'every file of rules that promtool is given is there, and every series of meshc is recorded':
    compilation => {
      const files = new Map([...compilation.files()].map(({ path, text }) => [path, text]))
      const recorded = new Set<string>()
      const asked = new Map<string, string>()
      for (const [path, text] of files) {
        if (!/^(manifests|prometheus)\//.test(path)) continue
        for (const [, series = ''] of text.matchAll(/^ +(?:- )?record: "?([\w:]+)"?$/gm)) recorded.add(series)
        for (const [, expression = ''] of text.matchAll(/\b(?:expr|\\?"query\\?|"expr"): (.+)$/gm))
          for (const [series] of expression.matchAll(/\bmesh:\w+(?::\w+)*/g)) asked.set(series, path)
        if (!path.endsWith('.test.yaml')) continue
        for (const [, name] of text.slice(0, text.indexOf('\ntests:')).matchAll(/^ {2}- (\S+\.yaml)$/gm))
          assert.ok(files.has(`prometheus/${name}`), `${path}: ${name}`)
      }
      for (const [series, path] of asked) {
        assert.ok(recorded.has(series), `${path}: ${series}`)
        askedSeries.add(series)
      }
    },
}

type Kind = Parameters<typeof listObjects>[1]
type Labels = Readonly<Record<string, string>>

const inWords = (labels: Labels) => JSON.stringify(Object.entries(labels).sort())

references(`of every tree: ${Object.keys(laws).join('; ')}`, () => {
  everyMesh((...mesh) => {
    for (const law of Object.values(laws)) law(...mesh)
  }, 200)
  assert.ok(askedSeries.size > 3, 'alerts and dashboards ask for what is recorded')
})

references.run()
