import type { AuthorizationRule } from '../../behavior/model.ts'
import { type Advice, getObjectName, listDecidingObjects } from './advice.ts'

/**
 * Advises on HTTP rules for connections without HTTP: an ALLOW rule with an HTTP condition allows nothing, and a DENY rule refuses
 * everything.
 *
 * See https://github.com/istio/istio/issues/37920
 */
export const adviseHttpRuleOnConnections: Advice = advised =>
  advised.difference.change !== 'closed' ||
  advised.difference.destinations.some(({ protocol }) => /^(HTTP|GRPC)/.test(protocol))
    ? []
    : listDecidingObjects(advised, ({ authorizationPolicies }) => authorizationPolicies).flatMap(
        ({ after }) =>
          (after?.rules ?? []).flatMap((rule, index) => {
            const [asked] = listHttpParts(rule)
            if (after === undefined || asked === undefined) return []
            const effect = after.action === 'DENY' ? 'refuses every connection that is left' : 'allows none'
            return [
              `rule ${index + 1} of ${getObjectName(after)} asks for ${asked}, which a connection without HTTP has not: there it ${effect}. Ask for ports and identities only`,
            ]
          }),
      )

/** Lists the parts of a rule that only a request of HTTP has. */
export function listHttpParts({ from, to, when }: AuthorizationRule): readonly string[] {
  const isAsked = ({ values, notValues }: { values: readonly string[]; notValues: readonly string[] }) =>
    values.length + notValues.length > 0
  return [
    ...(to.some(({ methods }) => isAsked(methods)) ? ['methods'] : []),
    ...(to.some(({ paths }) => isAsked(paths)) ? ['paths'] : []),
    ...(to.some(({ hosts }) => isAsked(hosts)) ? ['hosts'] : []),
    ...(from.some(({ requestPrincipals }) => isAsked(requestPrincipals)) ? ['requestPrincipals'] : []),
    ...when.filter(({ key }) => key.startsWith('request.')).map(({ key }) => key),
  ]
}
