import type { Mesh, RawObject } from '../../../mesh/mesh.ts'
import { areSameProxies } from '../../../mesh/same-proxies.ts'
import type { Sourced } from '../../../mesh/sourced.ts'
import { makeKeyParty, placeAt } from '../../../mesh/spec-place.ts'
import { findCustomProvider, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

/** If the policies of a workload name several providers, Istio denies every request that they match. */
export const oneAuthorizer = defineRule<{
  owner: string
  authorizer: string
  otherOwner: string
  otherName: string
}>(
  {
    code: 'MESH3430',
    severity: 'error',
    summary: 'The proxies of a workload ask one authorizer',
    message: p =>
      `${p.owner} asks \`${p.authorizer}\`, and ${p.otherOwner} asks \`${p.otherName}\` for the same proxies: Istio refuses all these requests`,
    help: () => 'name one authorizer for both: a proxy asks only one',
  },
  function* (mesh, report, { asking }) {
    const gateways = mesh.gateways.filter(({ authorize }) => authorize !== undefined)
    for (const [index, gateway] of gateways.entries()) {
      const earlier = gateways
        .slice(0, index)
        .find(
          candidate =>
            areSameProxies(candidate, gateway) &&
            candidate.authorize?.by.value !== gateway.authorize?.by.value,
        )
      if (earlier?.authorize === undefined || gateway.authorize === undefined) continue
      const { by } = gateway.authorize
      yield report(
        placeAt(by.place!),
        {
          owner: `the gateway \`${gateway.name.value}\``,
          authorizer: by.value,
          otherOwner: `the gateway \`${earlier.name.value}\``,
          otherName: earlier.authorize.by.value,
        },
        [makeKeyParty(earlier.authorize.origin, 'the other one')],
      )
    }
    const custom = mesh.raw.flatMap(raw => {
      const provider = findCustomProvider(raw)
      return provider === undefined ? [] : [{ raw, provider }]
    })
    if (custom.length === 0) return
    const workloads = [
      ...asking.map(({ service, authorize }) => ({
        owner: `\`${service.key}\``,
        namespace: service.namespace,
        selector: service.selector,
        authorize,
      })),
      ...gateways.map(({ name, workloadNamespace: namespace, selector, authorize }) => ({
        owner: `the gateway \`${name.value}\``,
        namespace,
        selector,
        authorize: authorize!,
      })),
    ]
    for (const { owner, namespace, selector, authorize } of workloads)
      for (const { raw, provider } of custom) {
        if (provider === authorize.by.value || !isFor(mesh, raw, namespace, selector)) continue
        yield report(
          placeAt(authorize.by.place!),
          {
            owner,
            authorizer: authorize.by.value,
            otherOwner: `the raw policy \`${raw.name}\``,
            otherName: provider,
          },
          [{ at: placeAt(raw.origin.at('spec').at('provider').at('name')), message: 'the raw policy' }],
        )
      }
  },
)

/** Tells whether a raw policy is for the pods with these labels, as far as the spec knows their labels. */
function isFor(
  { istio }: Mesh,
  raw: RawObject,
  namespace: Sourced<string>,
  selector: readonly (readonly [string, Sourced<string>])[],
): boolean {
  const home = raw.namespace ?? 'default'
  if (home !== namespace.value && home !== istio.namespace.value) return false
  const { matchLabels } = readFields(readFields(raw.object['spec'])['selector'])
  return Object.entries(readFields(matchLabels)).every(([key, value]) =>
    selector.some(([name, label]) => name === key && label.value === value),
  )
}
