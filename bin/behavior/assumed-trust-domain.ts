import type { BehaviorModel } from '../../compiler/behavior/model.ts'

/**
 * Names the trust domain with which manifests are read that do not give one; undefined where they do, or nothing depends on
 * it.
 */
export function findAssumedTrustDomain({
  settings,
  authorizationPolicies,
}: BehaviorModel): string | undefined {
  const isNeeded = authorizationPolicies.some(({ rules }) =>
    rules.some(({ from }) =>
      from.some(({ principals, trustDomains }) =>
        [principals, trustDomains].some(({ values, notValues }) => values.length + notValues.length > 0),
      ),
    ),
  )
  return settings.object.source !== undefined || !isNeeded
    ? undefined
    : `no IstioOperator is there to say the trust domain: identities are taken to begin with \`${settings.trustDomain}\``
}
