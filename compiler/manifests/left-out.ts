import { isSubset } from '../behavior/is-subset.ts'
import type { ManifestObject } from '../behavior/manifest-object.ts'
import type {
  AuthorizationPolicy,
  AuthorizationRule,
  BehaviorModel,
  Gateway,
  Labels,
  MeshSettings,
} from '../behavior/model.ts'
import { printCount } from '../diagnostics/counted.ts'
import { nameGatewayWorkload } from '../mesh/gateway-workload-name.ts'

/** A service account that a policy names and no pod of the manifests has: `namespace/account`. */
interface MissingAccount {
  readonly account: string
  readonly policy: AuthorizationPolicy
}

/**
 * Makes the gateway workloads that manifests omit: each Gateway whose `selector` matches no pod gets the workload of Istio's chart
 * `gateway`. A selector applies to all namespaces, unless istiod has PILOT_SCOPE_GATEWAY_TO_NAMESPACE, so the workload is in the
 * usual namespace of the chart.
 */
export function listAssumedGateways({
  gateways,
  workloads,
  authorizationPolicies,
  settings,
}: BehaviorModel): readonly ManifestObject[] {
  const assumed: { readonly labels: Labels; readonly object: ManifestObject }[] = []
  // A selector of more labels first, which one of fewer finds as well.
  const sorted = gateways.toSorted((a, b) => Object.keys(b.selector).length - Object.keys(a.selector).length)
  for (const gateway of sorted) {
    const { selector } = gateway
    const isFound = ({ labels }: { readonly labels: Labels }) => isSubset(selector, labels)
    if (Object.keys(selector).length === 0 || workloads.some(isFound) || assumed.some(isFound)) continue
    const name = nameGatewayWorkload(selector)
    const labels = { app: name, ...selector }
    const olderAccount = `${name}-service-account`
    const serviceAccount = authorizationPolicies
      .flatMap(policy => listAccounts(policy, settings))
      .includes(`istio-system/${olderAccount}`)
      ? olderAccount
      : name
    assumed.push({ labels, object: makeGatewayWorkload(gateway, name, labels, serviceAccount) })
  }
  return assumed.map(({ object }) => object)
}

const gatewayNamespace = 'istio-system'

function makeGatewayWorkload(
  { source }: Gateway,
  name: string,
  labels: Labels,
  serviceAccountName: string,
): ManifestObject {
  const template = {
    metadata: { labels, annotations: { 'inject.istio.io/templates': 'gateway' } },
    spec: { serviceAccountName },
  }
  const getLine = () => source?.lineOf(['spec', 'selector']) ?? 1
  return {
    value: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: gatewayNamespace },
      spec: { selector: { matchLabels: labels }, template },
    },
    file: source?.file ?? '',
    get line() {
      return getLine()
    },
    lineOf: getLine,
  }
}

/**
 * Describes the engine's assumptions about facts that the manifests omit, a sentence each.
 *
 * @param gateways the workloads that were added for Gateways
 */
export function describeAssumed(
  model: BehaviorModel,
  gateways: readonly ManifestObject[],
): readonly string[] {
  const { settings, workloads, namespaces } = model
  const undeclared = new Set(
    workloads.filter(({ proxy }) => proxy !== 'gateway').map(({ namespace }) => namespace),
  )
  for (const name of namespaces.keys()) undeclared.delete(name)
  const podless = workloads.filter(({ assumed }) => assumed === 'service')
  const accounts = [...new Set(listMissingAccounts(model).map(({ account }) => account))]
  return [
    ...gateways.map(describeAssumedGateway),
    ...(undeclared.size === 0
      ? []
      : [
          `sidecars in ${few('namespace', [...undeclared])}, as no manifest declares ${undeclared.size === 1 ? 'it' : 'them'}`,
        ]),
    ...(podless.length === 0
      ? []
      : [`a pod behind ${few('Service', podless.map(getServiceName))}, as no manifest runs any`]),
    ...(accounts.length === 0
      ? []
      : [
          `a pod with ${few('service account', accounts)}, as policies name ${accounts.length === 1 ? 'it' : 'them'} and no manifest has one`,
        ]),
    ...(settings.object.source === undefined
      ? [
          `Istio's default MeshConfig, as the manifests have none: the trust domain is \`${settings.trustDomain}\`, and proxies forward requests to unknown hosts`,
        ]
      : []),
  ]
}

/** Describes an assumed gateway, with the reason. */
export const describeAssumedGateway = ({ value, file, line }: ManifestObject): string =>
  `the gateway ${nameOf(value)}, as ${file}:${line} selects it and no manifest runs it`

const nameOf = (value: unknown): string => {
  const { metadata } = value as { readonly metadata: { readonly name: string; readonly namespace: string } }
  return `${metadata.namespace}/${metadata.name}`
}

const getServiceName = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
  `${namespace}/${name.replace(/-pod$/, '')}`

const mostNames = 4

/** `the namespace a`, `3 Services (a, b, c)`. */
function few(noun: string, names: readonly string[]): string {
  const [first = ''] = names
  if (names.length === 1) return `the ${noun} ${first}`
  const rest = names.length - mostNames
  return `${printCount(names.length, noun)} (${names.slice(0, mostNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`
}

/** Lists the service accounts that policies name and no pod has, each with the policy. */
function listMissingAccounts(model: BehaviorModel): readonly MissingAccount[] {
  const accountsOfPods = indexAccounts(model)
  return model.authorizationPolicies.flatMap(policy =>
    listAccounts(policy, model.settings)
      .filter(account => !accountsOfPods.has(account))
      .map(account => ({ account, policy })),
  )
}

const indexAccounts = ({ workloads }: BehaviorModel): ReadonlySet<string> =>
  new Set(
    workloads.flatMap(({ assumed, namespace, serviceAccount }) =>
      assumed === undefined ? [`${namespace}/${serviceAccount}`] : [],
    ),
  )

const listAccounts = (policy: AuthorizationPolicy, settings: MeshSettings): readonly string[] =>
  policy.rules.flatMap(({ from, when }) => [
    ...from.flatMap(({ principals, serviceAccounts }) => [
      ...principals.values.flatMap(word => accountOfPrincipal(word, settings)),
      ...serviceAccounts.values.map(word => accountOfWord(word, policy)),
    ]),
    ...when.flatMap(({ key, values }) =>
      key === 'source.principal' ? values.flatMap(word => accountOfPrincipal(word, settings)) : [],
    ),
  ])

/** The service account of an identity of this mesh: `cluster.local` means its own trust domain, whatever its name is. */
function accountOfPrincipal(
  word: string,
  { trustDomain, trustDomainAliases }: MeshSettings,
): readonly string[] {
  const [, domain = '', namespace, account] = /^([^*/]+)\/ns\/([^*/]+)\/sa\/([^*/]+)$/.exec(word) ?? []
  const isOwn = [trustDomain, 'cluster.local', ...trustDomainAliases].includes(domain)
  return isOwn ? [`${namespace}/${account}`] : []
}

const accountOfWord = (word: string, { namespace }: AuthorizationPolicy) =>
  word.includes('/') ? word : `${namespace}/${word}`

/**
 * Makes the test whether a rule is only for callers whose service accounts no pod of the manifests has; the result is these accounts.
 * Such a rule decides about no caller of the manifests.
 */
export function makeRuleForMissing(
  model: BehaviorModel,
): (policy: AuthorizationPolicy, rule: AuthorizationRule) => readonly string[] | undefined {
  const accountsOfPods = indexAccounts(model)
  return (policy, { from }) => {
    if (from.length === 0) return undefined
    const accounts: string[] = []
    for (const { principals, serviceAccounts } of from) {
      const words = [
        ...principals.values.map(word => accountOfPrincipal(word, model.settings)[0]),
        ...serviceAccounts.values.map(word => accountOfWord(word, policy)),
      ]
      if (words.length === 0 || words.some(word => word === undefined || accountsOfPods.has(word)))
        return undefined
      accounts.push(...words.filter(word => word !== undefined))
    }
    return [...new Set(accounts)]
  }
}
