import * as assert from 'uvu/assert'
import type { Rule } from '../../schema/generated/authorization-policy.ts'
import { type Declared, type ServiceSpec, seesRequests } from '../support/declared.ts'
import { getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

type Asked = NonNullable<NonNullable<ServiceSpec['authorize']>['requests']>[number]

/**
 * P25. An authorizer checks exactly the requests that the spec selects, on ports where proxies see requests.
 * Each workload has at most one authorizer. istiod finds it, and each sidecar that calls it finds it too.
 */
property(
  25,
  'proxies ask the declared authorizers about the declared requests',
  [
    'an authorizer with gRPC',
    'an authorizer with HTTP',
    'a service',
    'a gateway',
    'proxies of another owner',
    'all requests',
    'some requests',
    'ports',
    'a sidecar that knows its authorizer',
  ],
  (compilation, declared, saw) => {
    const { services, gateways, spec } = declared
    const { authorizers = {} } = spec
    for (const [who, { extensionProviders = [] }] of getMeshConfigs(compilation))
      for (const [name, { grpc, http, failOpen, statusOnError }] of Object.entries(authorizers)) {
        const providers = extensionProviders.filter(provider => provider.name === name)
        assert.is(providers.length, 1, `${who} has ${name} once`)
        const { envoyExtAuthzGrpc, envoyExtAuthzHttp } = providers[0]!
        const made = envoyExtAuthzGrpc ?? envoyExtAuthzHttp
        assert.is(envoyExtAuthzGrpc === undefined, grpc === undefined)
        saw(grpc === undefined ? 'an authorizer with HTTP' : 'an authorizer with gRPC')
        assert.is(`${made?.service}:${made?.port}`, getAddress((grpc ?? http)!))
        assert.is(made?.failOpen, failOpen ?? false)
        assert.is(made?.statusOnError, statusOnError === undefined ? undefined : String(statusOnError))
        assert.ok(made?.timeout, 'no request waits for ten minutes')
      }
    const asking = listObjects(compilation, 'AuthorizationPolicy').filter(
      ({ spec: { action } }) => action === 'CUSTOM',
    )
    assert.is(
      asking.length,
      [...services, ...gateways].filter(({ spec: { authorize } }) => authorize !== undefined).length,
    )
    for (const {
      name,
      namespace,
      labels,
      ports,
      spec: { authorize },
    } of services) {
      if (authorize === undefined) continue
      saw('a service')
      const policy = asking.find(each => each.name === `${name}.authorize` && each.namespace === namespace)
      const seen = ports.filter(({ protocol }) => seesRequests(protocol))
      const listPorts = ({ ports: named }: Asked) => {
        if (named !== undefined) saw('ports')
        return seen
          .filter(({ key }) => named?.includes(key) ?? true)
          .map(({ target }) => String(target))
          .sort()
      }
      assert.equal(policy?.spec.selector, { matchLabels: labels })
      assert.equal(policy?.spec.provider, { name: authorize.by })
      assert.equal(
        policy?.spec.rules?.map(read),
        (authorize.requests ?? [{}]).map(each => ({ ...listConditions(each), ports: listPorts(each) })),
      )
      saw(authorize.requests === undefined ? 'all requests' : 'some requests')
      for (const sidecar of listObjects(compilation, 'Sidecar').filter(
        each => each.namespace === namespace && isSame(each.spec.workloadSelector?.labels, labels),
      )) {
        const { grpc, http } = authorizers[authorize.by!]!
        const [host = ''] = getAddress((grpc ?? http)!).split(':')
        const known = `${host.split('.')[1]}/${host}`
        assert.ok(sidecar.spec.egress?.some(({ hosts }) => hosts.includes(known)))
        saw('a sidecar that knows its authorizer')
      }
    }
    for (const gateway of gateways) {
      const { authorize, workload } = gateway.spec
      if (authorize === undefined) continue
      saw('a gateway')
      const policy = asking.find(each => each.name === `${gateway.name}.gateway-authorize`)
      assert.is(policy?.namespace, gateway.podNamespace)
      assert.equal(policy?.spec.selector, { matchLabels: gateway.labels })
      assert.equal(policy?.spec.provider, { name: authorize.by })
      const rules = policy?.spec.rules ?? []
      assert.equal(
        rules.map(rule => ({ ...read(rule), ports: [] })),
        (authorize.requests ?? [{}]).map(each => ({ ...listConditions(each), ports: [] })),
      )
      const areHostsNamed = rules.every(({ to }) => (to?.[0]?.operation.hosts?.length ?? 0) > 0)
      assert.is(areHostsNamed, workload !== undefined, 'proxies of others serve other hosts, too')
      if (workload !== undefined) saw('proxies of another owner')
    }
  },
)

/** Returns the address of an authorizer with the full name of its host: `opa.policy:9191`. */
function getAddress(written: string): string {
  const [host = '', port] = written.split(':')
  const [service, namespace] = host.split('.')
  return `${service}.${namespace}.svc.cluster.local:${port}`
}

/** Returns the conditions of a rule, without its hosts. */
function read({ from, to = [], when = [] }: Rule) {
  assert.is(from, undefined, 'a caller is no condition')
  assert.ok(to.length <= 1)
  const { ports = [], methods = [], notMethods = [], paths = [], notPaths = [] } = to[0]?.operation ?? {}
  return {
    methods,
    notMethods,
    paths,
    notPaths,
    // Connections that a gateway passes on without decryption have no requests.
    headers: when
      .filter(({ key }) => key !== 'connection.sni')
      .map(({ key, values = [] }) => `${key} ${[...values].sort().join()}`)
      .sort(),
    ports: [...ports].sort(),
  }
}

const listConditions = ({
  methods = [],
  exceptMethods = [],
  paths = [],
  exceptPaths = [],
  headers = {},
}: Asked) => ({
  methods,
  notMethods: exceptMethods,
  paths,
  notPaths: exceptPaths,
  headers: Object.entries(headers)
    .map(([name, values]) => `request.headers[${name}] ${[values].flat().sort().join()}`)
    .sort(),
})

const isSame = (
  a: Readonly<Record<string, string>> | undefined,
  b: Declared['services'][number]['labels'],
): boolean => JSON.stringify(Object.entries(a ?? {}).sort()) === JSON.stringify(Object.entries(b).sort())
