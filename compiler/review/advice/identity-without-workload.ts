import type { AuthorizationPolicy, BehaviorModel } from '../../behavior/model.ts'
import { type Advice, getObjectName } from './advice.ts'

/** Policies still name an identity that its workload has laid down. */
export const adviseIdentityWithoutWorkload: Advice = ({ difference: { change, witness }, after }) => {
  const [old, now] = [witness.before.request.from, witness.after.request.from]
  const { namespace = 'default', serviceAccount = 'default' } = old
  if (change !== 'closed' || old.gateway !== undefined || serviceAccount === now.serviceAccount) return []
  if (isAccountUsed(after, namespace, serviceAccount)) return []
  const identity = `${after.settings.trustDomain}/ns/${namespace}/sa/${serviceAccount}`
  const naming = after.authorizationPolicies.filter(policy =>
    namesIdentity(policy, identity, `${namespace}/${serviceAccount}`),
  )
  return naming.length === 0
    ? []
    : [
        `no workload is ${identity} any more, and ${naming.map(getObjectName).join(', ')} still ${naming.length === 1 ? 'names' : 'name'} it: let ${naming.length === 1 ? 'it' : 'them'} name ${now.serviceAccount} first, beside it, and take the old name away at the end`,
      ]
}

const isAccountUsed = ({ workloads }: BehaviorModel, namespace: string, serviceAccount: string): boolean =>
  workloads.some(workload => workload.namespace === namespace && workload.serviceAccount === serviceAccount)

const namesIdentity = ({ rules }: AuthorizationPolicy, identity: string, account: string): boolean =>
  rules.some(({ from }) =>
    from.some(
      ({ principals, serviceAccounts }) =>
        principals.values.includes(identity) || serviceAccounts.values.includes(account),
    ),
  )
