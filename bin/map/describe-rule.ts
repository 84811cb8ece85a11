import type {
  AuthorizationRule,
  PolicyOperation,
  PolicySource,
  Words,
} from '../../compiler/behavior/model.ts'

/** Describes a rule of an AuthorizationPolicy in one line: `GET, POST /api/* from cluster.local/ns/web/sa/web`. */
export function describeRule({ from, to, when }: AuthorizationRule): string {
  const requests = to.length === 0 ? 'every request' : to.map(describeOperation).join(' or ')
  return [
    `${requests} from ${from.length === 0 ? 'anyone' : from.map(describeSource).join(' or ')}`,
    ...when.map(({ key, ...words }) => describeDemand(key, words)),
  ].join(', ')
}

const describeOperation = ({ methods, paths, hosts, ports }: PolicyOperation): string =>
  [
    [describeWords(methods) ?? 'any method', describeWords(paths) ?? 'any path'].join(' '),
    describeDemand('host', hosts),
    describeDemand('port', ports),
  ]
    .filter(text => text !== '')
    .join(', ')

function describeSource(source: PolicySource): string {
  const {
    principals,
    namespaces,
    serviceAccounts,
    trustDomains,
    requestPrincipals,
    ipBlocks,
    remoteIpBlocks,
  } = source
  const parts = [
    describeWords(principals) ?? '',
    describeDemand('namespace', namespaces),
    describeDemand('service account', serviceAccounts),
    describeDemand('trust domain', trustDomains),
    describeDemand('a token of', requestPrincipals),
    describeDemand('address', ipBlocks),
    describeDemand('address of the client', remoteIpBlocks),
  ].filter(text => text !== '')
  return parts.length === 0 ? 'anyone' : parts.join(', ')
}

const describeDemand = (name: string, given: Words): string => {
  const text = describeWords(given)
  return text === undefined ? '' : `${name} ${text}`
}

/** The values that meet a demand; undefined: nothing is demanded. */
function describeWords({ values, notValues }: Words): string | undefined {
  if (values.length + notValues.length === 0) return undefined
  const not = notValues.length === 0 ? [] : [`not ${notValues.join(', ')}`]
  return [...(values.length === 0 ? [] : [values.join(', ')]), ...not].join(' but ')
}
