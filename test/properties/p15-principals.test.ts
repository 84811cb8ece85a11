import * as assert from 'uvu/assert'
import type { Source } from '../../schema/generated/authorization-policy.ts'
import type { Declared, DeclaredService, ServiceSpec } from '../support/declared.ts'
import { getHelmValues, getMeshConfigs, listObjects } from '../support/output.ts'
import { property } from '../support/property.ts'

type AllowSpec = NonNullable<ServiceSpec['allow']>[number]

/**
 * P15. Who may call is known by an identity that mTLS proves, and every identity is one that the spec declares. A caller may
 * do what the spec says, and nothing more.
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
    'a service that nobody may call',
    'an open mesh',
    'a service that anyone may call unsaid',
    'a service whose pods have a policy of another one',
    'methods',
    'paths',
    'ports',
    'any request',
    'a service that shares its pods',
    'proxies of another owner',
  ],
  (compilation, declared, saw) => {
    const { root, trustDomain, services, gateways } = declared
    const policies = listObjects(compilation, 'AuthorizationPolicy')
    const wide = policies.filter(({ spec }) => spec.selector === undefined)
    const isOpen = declared.spec.access === 'open'
    if (isOpen) saw('an open mesh')
    assert.equal(
      wide.map(({ namespace, spec }) => ({ namespace, spec })),
      isOpen ? [] : [{ namespace: root, spec: {} }],
      'the mesh denies what nobody allows, unless it is open',
    )
    const narrow = policies.filter(({ spec }) => spec.selector !== undefined)
    const called = services.filter(service =>
      isOpen ? isGuarded(service) : (service.spec.allow ?? []).length > 0,
    )
    assert.is(
      narrow.length,
      called.length + (isOpen ? 0 : gateways.length),
      'each policy is of a service or gateway',
    )
    if (called.length < services.length)
      saw(isOpen ? 'a service that anyone may call unsaid' : 'a service that nobody may call')

    for (const service of called) {
      const { key, name, namespace, labels, spec } = service
      const { allow: allows = [{ from: 'anyone' }] } = spec
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
        `who may call ${key}`,
      )
      assert.equal(
        policy.spec.rules?.map(({ to = [] }) => to.map(({ operation }) => ({ ...operation }))),
        allows.length === 0 ? undefined : allows.map(allow => listOperations(allow, service)),
        `what a caller of ${key} may do`,
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
      // A gateway answers to the world, for its hosts.
      const operation = { hosts: gateway.served.flatMap(host => hostHeaders(gateway, host)) }
      assert.equal(policy.spec, {
        selector: { matchLabels: labels },
        action: 'ALLOW',
        rules: [{ to: [{ operation }] }],
      })
      if (workload === undefined) {
        saw('proxies of another owner')
        continue
      }
      const { name: account } = getHelmValues(compilation).gateway(workload).serviceAccount ?? {}
      assert.is(account, serviceAccount, `the gateway ${name} has the account that policies know`)
    }
    for (const [who, config] of getMeshConfigs(compilation))
      assert.is(config.trustDomain, trustDomain, `identities begin as policies expect, installed by ${who}`)
  },
)

/** Tells whether a service of an open mesh has a policy: it sets its callers, or a service of its pods does. */
const isGuarded = ({ spec, ports, samePods }: DeclaredService): boolean =>
  spec.allow !== undefined || (ports.length > 0 && samePods.some(({ spec }) => spec.allow !== undefined))

/** Lists the patterns of the Host header, with and without a port: a pattern has one wildcard. */
function hostHeaders({ spec, secret }: Declared['gateways'][number], host: string): readonly string[] {
  if (host === '*') return ['*']
  if (!host.startsWith('*')) return [host, `${host}:*`]
  const https = secret === undefined ? [] : [spec.ports?.https ?? 443]
  const http = spec.http === 'off' ? [] : [spec.ports?.http ?? 80]
  return [host, ...[...https, ...http].map(port => `${host}:${port}`)]
}

/** Lists the identities of a source, without its tokens: none if anyone may call. */
const identitiesIn = ({ principals, namespaces }: Source) =>
  principals === undefined && namespaces === undefined ? [] : [{ principals, namespaces }]

/** Lists the operations that an `allow` permits, as a policy writes them: its port is that of the container. */
function listOperations(
  { methods, paths, ports }: AllowSpec,
  { ports: declared, samePods }: DeclaredService,
) {
  const named = ports?.map(name => declared.find(({ key }) => key === name))
  // A caller that may use every port of a service may not use the ports of another service.
  const all = declared.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const limited = named ?? (samePods.length > 1 ? all : undefined)
  const operation = {
    ...(limited !== undefined && { ports: limited.map(port => String(port?.target)) }),
    ...(methods !== undefined && { methods }),
    ...(paths !== undefined && { paths }),
  }
  return Object.keys(operation).length === 0 ? [] : [operation]
}

/** Whom `from:` means, as a policy knows them. */
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
