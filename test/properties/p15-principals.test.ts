import * as assert from 'uvu/assert'
import type { Source } from '../../schema/generated/authorization-policy.ts'
import { type Declared, type DeclaredService, type ServiceSpec, seesRequests } from '../support/declared.ts'
import { getHelmValues, getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

type AllowSpec = NonNullable<ServiceSpec['allow']>[number]

/**
 * P15. Each allowed caller has an identity that mTLS proves and the spec declares. A caller may do only the
 * actions that the spec allows. A denial applies to each port that can enforce it, and to no other port.
 */
property(
  15,
  'policies allow the declared callers only, by identities derived from what is declared, and what they may do',
  [
    'a service',
    'a gateway',
    'a namespace',
    'a caller of another mesh',
    'anyone',
    'a service without allowed callers',
    'an open mesh',
    'a service that anyone may call by default',
    'a service whose pods have a policy of another one',
    'methods',
    'paths',
    'ports',
    'any request',
    'a service that shares its pods',
    'proxies of another owner',
    'a denial',
    'a denial of a caller',
    'a denial beside a port of connections',
    'a denial at a gateway',
    'a denial beside connections',
    'a port that no sidecar takes',
    'an egress gateway',
    'an egress gateway of an open mesh',
  ],
  (compilation, declared, saw) => {
    const { root, trustDomain, services, gateways, exits, externals } = declared
    // P25 checks the policies with authorizers.
    const policies = listObjects(compilation, 'AuthorizationPolicy').filter(
      ({ spec }) => spec.action !== 'CUSTOM',
    )
    const wide = policies.filter(({ spec }) => spec.selector === undefined)
    const isOpen = declared.spec.access === 'open'
    if (isOpen) saw('an open mesh')
    assert.equal(
      wide.map(({ namespace, spec }) => ({ namespace, spec })),
      isOpen ? [] : [{ namespace: root, spec: {} }],
      'the mesh denies undeclared calls, unless it is open',
    )
    const denying = policies.filter(({ spec }) => spec.action === 'DENY')
    const narrow = policies.filter(policy => policy.spec.selector !== undefined && !denying.includes(policy))
    const called = services.filter(service =>
      isOpen ? isGuarded(service) && !service.isBare : listHeld(service, service.spec.allow).length > 0,
    )
    const guardedExits = exits.filter(({ name }) =>
      externals.some(({ exit, spec }) => exit?.name === name && (!isOpen || spec.allow !== undefined)),
    )
    assert.is(
      narrow.length,
      called.length + guardedExits.length + (isOpen ? 0 : gateways.length),
      'each policy is of a service or gateway',
    )
    if (called.length < services.length)
      saw(isOpen ? 'a service that anyone may call by default' : 'a service without allowed callers')

    for (const service of called) {
      const { key, name, namespace, labels, spec } = service
      const allows = listHeld(service, spec.allow ?? [{ from: 'anyone' }])
      if (allows.length < (spec.allow ?? []).length) saw('a port that no sidecar takes')
      if (spec.allow === undefined) saw('a service whose pods have a policy of another one')
      if (service.samePods.length > 1) saw('a service that shares its pods')
      const policy = narrow.find(emitted => emitted.name === name && emitted.namespace === namespace)
      assert.ok(policy, `${key} has a policy`)
      assert.equal(policy.spec.selector, { matchLabels: labels }, `the pods of ${key}`)
      assert.is(policy.spec.action, 'ALLOW')
      const sources = policy.spec.rules?.map(({ from = [] }) =>
        from.flatMap(({ source }) => identitiesIn(source)),
      )
      assert.equal(
        sources,
        allows.length === 0 ? undefined : allows.map(({ from }) => listIdentities(from, declared)),
        `the allowed callers of ${key}`,
      )
      assert.equal(
        policy.spec.rules?.map(({ to = [] }) => to.map(({ operation }) => ({ ...operation }))),
        allows.length === 0 ? undefined : allows.map(allow => listOperations(allow, service)),
        `the allowed requests of a caller of ${key}`,
      )
      for (const allow of allows) {
        for (const part of ['methods', 'paths', 'ports'] as const) if (allow[part] !== undefined) saw(part)
        if (listOperations(allow, service).length === 0) saw('any request')
      }
      for (const { from } of allows) saw(getSight(from))
    }
    for (const gateway of gateways) {
      const { name, podNamespace, labels, workload, serviceAccount } = gateway
      const policy = narrow.find(policy => policy.name === `${name}.gateway`)
      if (isOpen) {
        assert.is(policy, undefined, `${name} is open`)
        continue
      }
      assert.ok(policy?.namespace === podNamespace, `${name} has a policy`)
      // A gateway serves every client, for its hosts.
      const operation = { hosts: gateway.served.flatMap(host => hostHeaders(gateway, host)) }
      assert.equal(policy.spec, {
        selector: { matchLabels: labels },
        action: 'ALLOW',
        rules: [{ to: [{ operation }] }, ...listPassed(gateway.spec)],
      })
      if (workload === undefined) {
        saw('proxies of another owner')
        continue
      }
      const { name: account } = getHelmValues(compilation).gateway(workload).serviceAccount ?? {}
      assert.is(account, serviceAccount, `the gateway ${name} has the account that policies know`)
    }
    for (const { name, podNamespace, labels } of guardedExits) {
      const policy = narrow.find(emitted => emitted.name === `${name}.gateway`)
      assert.is(policy?.namespace, podNamespace)
      assert.equal(policy?.spec.selector, { matchLabels: labels }, `the pods of ${name}`)
      assert.is(policy?.spec.action, 'ALLOW')
      // The server name in the mutual TLS to an egress gateway is the name of the host behind it.
      const passing = externals.filter(({ exit }) => exit?.name === name)
      const expected = passing.flatMap(({ hosts, spec: { allow = isOpen ? [{ from: 'anyone' }] : [] } }) =>
        allow.map(({ from }) => [hosts, listIdentities(from, declared)]),
      )
      const emitted = (policy?.spec.rules ?? []).map(({ from = [], to, when = [] }) => {
        assert.equal([to, when.map(({ key }) => key)], [undefined, ['connection.sni']])
        return [when[0]?.values, from.flatMap(({ source }) => identitiesIn(source))]
      })
      const sorted = (rules: readonly unknown[]) => rules.map(rule => JSON.stringify(rule)).sort()
      assert.equal(sorted(emitted), sorted(expected), `who may go through ${name}`)
      saw(isOpen ? 'an egress gateway of an open mesh' : 'an egress gateway')
    }
    assert.is(
      denying.length,
      [...services, ...gateways].filter(({ spec }) => spec.deny !== undefined).length,
      'no other policy denies requests',
    )
    for (const service of services) {
      const { key, name, namespace, labels, spec } = service
      if (spec.deny === undefined) continue
      const policy = denying.find(
        emitted => emitted.name === `${name}.deny` && emitted.namespace === namespace,
      )
      assert.equal(policy?.spec.selector, { matchLabels: labels }, `the pods of ${key}`)
      assert.is(policy?.spec.rules?.length, spec.deny.length)
      for (const [index, denial] of spec.deny.entries()) {
        const { from = [], to = [] } = policy!.spec.rules![index]!
        const identities = from.flatMap(({ source }) => identitiesIn(source))
        const expected = denial.from === undefined ? [] : listIdentities(denial.from, declared)
        assert.equal(identities, expected, `whom ${key} denies`)
        assert.equal(
          to.map(({ operation }) => ({ ...operation })),
          [listDeniedOperation(denial, service)],
          `the denials of ${key}`,
        )
        saw('a denial')
        if (denial.from !== undefined) saw('a denial of a caller')
        if (service.ports.some(({ protocol }) => !seesRequests(protocol)))
          saw('a denial beside a port of connections')
      }
    }
    for (const { name, podNamespace, labels, spec } of gateways) {
      if (spec.deny === undefined) continue
      const policy = denying.find(emitted => emitted.name === `${name}.gateway-deny`)
      assert.is(policy?.namespace, podNamespace)
      assert.equal(policy?.spec.selector, { matchLabels: labels })
      const [names, ports] = listOpaque(gateways, podNamespace, labels)
      for (const { paths, methods, clientAddresses } of spec.deny) {
        const rule = policy!.spec.rules!.find(
          ({ from = [], to = [] }) =>
            isAlike(to[0]?.operation.paths, paths) &&
            isAlike(to[0]?.operation.methods, methods) &&
            isAlike(from[0]?.source.remoteIpBlocks, clientAddresses),
        )
        assert.ok(rule, `${name} refuses what is declared`)
        const { from = [], to = [], when = [] } = rule
        assert.equal(to[0]?.operation.paths, paths)
        assert.equal(to[0]?.operation.methods, methods)
        assert.equal(to[0]?.operation.notPorts?.toSorted(), ['15021', ...ports].sort())
        const spared = when.find(({ key }) => key === 'connection.sni')?.notValues ?? []
        assert.equal(spared.toSorted(), names.toSorted(), 'connections that go on unopened are no requests')
        if (ports.length + names.length > 0) saw('a denial beside connections')
        assert.equal(from[0]?.source.remoteIpBlocks, clientAddresses)
        saw('a denial at a gateway')
      }
    }
    for (const [who, config] of getMeshConfigs(compilation))
      assert.is(config.trustDomain, trustDomain, `identities begin as policies expect, installed by ${who}`)
  },
)

const isAlike = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

type GatewaySpec = Declared['gateways'][number]['spec']

const getPorts = ({ tcp = {} }: GatewaySpec) =>
  Object.entries(tcp ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, listener]) => String(listener?.target ?? listener?.port))

/** Lists the rules that a sidecar enforces: rules for a port that it intercepts. */
const listHeld = ({ isBare, ports }: DeclaredService, allow: readonly AllowSpec[] = []) =>
  isBare
    ? []
    : allow.filter(
        ({ ports: named }) =>
          named?.every(name => ports.some(({ key, isBypassed }) => key === name && isBypassed)) !== true,
      )

/** Lists the rules for connections that a gateway passes on. */
function listPassed(spec: GatewaySpec) {
  const ports = getPorts(spec)
  const { passthrough } = spec
  return [
    ...(passthrough == null ? [] : [{ when: [{ key: 'connection.sni', values: passthrough }] }]),
    ...(ports.length === 0 ? [] : [{ to: [{ operation: { ports } }] }]),
  ]
}

/** Lists the server names and the ports of connections that some pods pass on. */
function listOpaque(
  gateways: Declared['gateways'],
  podNamespace: string,
  labels: Readonly<Record<string, string>>,
): readonly [readonly string[], readonly string[]] {
  const same = gateways.filter(
    each => each.podNamespace === podNamespace && JSON.stringify(each.labels) === JSON.stringify(labels),
  )
  return [same.flatMap(({ spec }) => spec.passthrough ?? []), same.flatMap(({ spec }) => getPorts(spec))]
}

/**
 * Checks whether a service of an open mesh has a policy: the service sets its callers, or a service with the
 * same pods does.
 */
const isGuarded = ({ spec, ports, samePods }: DeclaredService): boolean =>
  spec.allow !== undefined || (ports.length > 0 && samePods.some(({ spec }) => spec.allow !== undefined))

/** Lists the patterns of the Host header, with and without a port. Each pattern has one wildcard. */
function hostHeaders({ spec, secret }: Declared['gateways'][number], host: string): readonly string[] {
  if (host === '*') return ['*']
  if (!host.startsWith('*')) return [host, `${host}:*`]
  const hasTls = secret !== undefined || spec.certificates !== undefined
  const https = hasTls ? [spec.ports?.https ?? 443] : []
  const http = spec.http === 'off' ? [] : [spec.ports?.http ?? 80]
  return [host, ...[...https, ...http].map(port => `${host}:${port}`)]
}

/** Lists the identities of a source, without its tokens; none if every caller is allowed. */
const identitiesIn = ({ principals, namespaces }: Source) =>
  principals === undefined && namespaces === undefined ? [] : [{ principals, namespaces }]

/** Lists the operations that an `allow` permits, in the form of a policy: with the ports of the container. */
function listOperations(
  { methods, paths, ports }: AllowSpec,
  { ports: declared, samePods }: DeclaredService,
) {
  const named = ports?.map(name => declared.find(({ key }) => key === name))
  // A caller of every port of a service may not call the ports of another service.
  const all = declared.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const limited = named ?? (samePods.length > 1 ? all : undefined)
  const operation = {
    ...(limited !== undefined && { ports: limited.map(port => String(port?.target)) }),
    ...(methods !== undefined && { methods }),
    ...(paths !== undefined && { paths }),
  }
  return Object.keys(operation).length === 0 ? [] : [operation]
}

/**
 * Lists the operation that a denial refuses. It has ports: only HTTP ports if the denial is about requests.
 */
function listDeniedOperation(
  { methods, paths, ports, headers, claims, jwt }: NonNullable<ServiceSpec['deny']>[number],
  { ports: declared }: DeclaredService,
) {
  const isForRequests = [methods, paths, headers, claims, jwt].some(part => part !== undefined)
  const all = declared
    .filter(({ protocol }) => !isForRequests || seesRequests(protocol))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const named = ports?.map(name => declared.find(({ key }) => key === name))
  return {
    ports: (named ?? all).map(port => String(port?.target)),
    ...(methods !== undefined && { methods }),
    ...(paths !== undefined && { paths }),
  }
}

/** Lists the identities that `from:` names, in the form of a policy. */
function listIdentities(from: string, { services, gateways }: Declared): ReturnType<typeof identitiesIn> {
  const [kind, ...rest] = from.split('/')
  const name = rest.join('/')
  if (from === 'anyone') return []
  if (kind === 'namespace') return [{ principals: undefined, namespaces: [name] }]
  const principal =
    kind === 'external-caller'
      ? name
      : kind === 'gateway'
        ? gateways.find(gateway => gateway.name === name)?.principal
        : services.find(({ key }) => key === from)?.principal
  assert.ok(principal, `${from} is declared`)
  return [{ principals: [principal], namespaces: undefined }]
}

function getSight(from: string) {
  if (from === 'anyone') return 'anyone'
  if (from.startsWith('gateway/')) return 'a gateway'
  if (from.startsWith('namespace/')) return 'a namespace'
  return from.startsWith('external-caller/') ? 'a caller of another mesh' : 'a service'
}
