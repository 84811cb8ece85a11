import { quickSyntaxErrorOf } from '../../mesh/regular-expression.ts'
import { isRange } from '../address-ranges.ts'
import type { ManifestObject } from '../manifest-object.ts'
import { isTls, protocolOf } from '../protocol.ts'
import { misfitIn } from './fields.ts'
import { kubernetesFields, metadataFields, specFields } from './kinds.ts'
import type { Finding } from './object-of.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, textAt, textsAt } from './values.ts'

/**
 * Why the admission of a cluster refuses an object, so that it is not there; undefined: it takes it. Only what changes
 * where requests go is looked at, and the types of what is read. See pkg/config/validation/validation.go of istio/istio.
 */
export function refusalOf(kind: string, source: ManifestObject): Finding | undefined {
  const misfit = misfitOf(kind, source.value)
  if (misfit !== undefined) return misfit
  const reason = reasonOf(kind, mapAt(source.value, 'spec'))
  return reason === undefined ? undefined : { path: ['spec'], reason }
}

/** What an API server says, which knows the types of fields. What istioctl is told is no object of a cluster. */
function misfitOf(kind: string, value: unknown): Finding | undefined {
  if (kind === 'IstioOperator') return undefined
  const metadata = mapAt(value, 'metadata')
  if (metadata === undefined) return { path: [], reason: '`metadata` is missing' }
  const ofKubernetes = kubernetesFields.get(kind)
  const own = Object.hasOwn(specFields, kind) ? specFields[kind] : undefined
  return (
    below('metadata', misfitIn(metadata, metadataFields)) ??
    (ofKubernetes && misfitIn(value, ofKubernetes)) ??
    (own && below('spec', misfitIn(isMap(value) ? value['spec'] : undefined, own)))
  )
}

const below = (key: string, found: Finding | undefined): Finding | undefined =>
  found && { ...found, path: [key, ...found.path] }

function reasonOf(kind: string, spec: ManifestMap | undefined): string | undefined {
  if (kind === 'AuthorizationPolicy') return refusalOfWords(spec) ?? refusalOfPolicy(spec)
  if (kind === 'ServiceEntry') return refusalOfRanges(textsAt(spec, 'addresses'))
  if (kind === 'Sidecar') return refusalOfSidecar(spec)
  if (kind !== 'VirtualService') return undefined
  for (const protocol of ['tls', 'tcp'])
    for (const rule of listAt(spec, protocol))
      for (const match of listAt(rule, 'match')) {
        const problem = refusalOfRanges(textsAt(match, 'destinationSubnets'))
        if (problem !== undefined) return problem
      }
  const found: string[] = []
  findRegexes(spec, found)
  for (const regex of found) {
    const problem = quickSyntaxErrorOf(regex)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** See ValidateAttribute and ValidateIPs in pkg/config/security/security.go of istio/istio. */
function refusalOfWords(spec: ManifestMap | undefined): string | undefined {
  for (const rule of listAt(spec, 'rules')) {
    for (const from of listAt(rule, 'from'))
      for (const name of ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks']) {
        const problem = refusalOfRanges(textsAt(mapAt(from, 'source'), name))
        if (problem !== undefined) return problem
      }
    for (const to of listAt(rule, 'to'))
      for (const name of ['ports', 'notPorts']) {
        const problem = refusalOfPorts(textsAt(mapAt(to, 'operation'), name))
        if (problem !== undefined) return problem
      }
    for (const when of listAt(rule, 'when')) {
      const key = textAt(when, 'key') ?? ''
      const words = [...textsAt(when, 'values'), ...textsAt(when, 'notValues')]
      const problem = /^(source|remote|destination)\.ip$/.test(key)
        ? refusalOfRanges(words)
        : key === 'destination.port'
          ? refusalOfPorts(words)
          : undefined
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function refusalOfRanges(words: readonly string[]): string | undefined {
  const wrong = words.find(word => !isRange(word))
  return wrong === undefined ? undefined : `no address or CIDR: \`${wrong}\``
}

function refusalOfPorts(words: readonly string[]): string | undefined {
  const wrong = words.find(word => !/^\d{1,9}$/.test(word) || Number(word) > 65_535)
  return wrong === undefined ? undefined : `no port: \`${wrong}\``
}

/** What is asked of listeners for what arrives: one that is wrong takes the whole Sidecar with it. */
function refusalOfSidecar(spec: ManifestMap | undefined): string | undefined {
  const ports = new Set<number | undefined>()
  for (const listener of listAt(spec, 'ingress')) {
    const port = mapAt(listener, 'port')
    const number = numberAt(port, 'number')
    if (ports.has(number)) return `two listeners of the port ${number}`
    ports.add(number)
    const written = textAt(port, 'protocol') ?? ''
    const protocol = protocolOf(written)
    if (written !== '' && protocol === 'Unsupported') return `no protocol: \`${written}\``
    const endpoint = textAt(listener, 'defaultEndpoint') ?? ''
    if (endpoint !== '' && !/^(?:unix:\/\/.+|(?:127\.0\.0\.1|0\.0\.0\.0|\[::1?\])?:\d{1,5})$/.test(endpoint))
      return `no endpoint of an application: \`${endpoint}\``
    const tls = mapAt(listener, 'tls')
    if (tls !== undefined && !isTls(protocol)) return 'TLS on a port that is neither HTTPS nor TLS'
    if (textAt(tls, 'credentialName')) return 'the certificate of a listener by the name of a Secret'
  }
  return undefined
}

function refusalOfPolicy(spec: ManifestMap | undefined): string | undefined {
  const provider = textAt(mapAt(spec, 'provider'), 'name') ?? ''
  if (textAt(spec, 'action') !== 'CUSTOM')
    return provider === '' ? undefined : 'a provider without the action CUSTOM'
  if (provider === '') return 'the action CUSTOM without a provider'
  for (const rule of listAt(spec, 'rules')) {
    for (const from of listAt(rule, 'from'))
      for (const name of identities)
        if (listAt(mapAt(from, 'source'), name).length > 0) return `${name} with the action CUSTOM`
    for (const when of listAt(rule, 'when')) {
      const key = textAt(when, 'key') ?? ''
      if (/^(source\.(namespace|serviceAccount|trustDomain|principal)$|request\.auth\.)/.test(key))
        return `${key} with the action CUSTOM`
    }
  }
  return undefined
}

/** What a provider is not asked by. */
const identities = [
  'namespaces',
  'notNamespaces',
  'serviceAccounts',
  'notServiceAccounts',
  'trustDomains',
  'notTrustDomains',
  'principals',
  'notPrincipals',
  'requestPrincipals',
  'notRequestPrincipals',
]

function findRegexes(value: unknown, found: string[]): void {
  if (Array.isArray(value)) for (const item of value) findRegexes(item, found)
  else if (isMap(value))
    for (const key of Object.keys(value)) {
      const below = value[key]
      if (key === 'regex' && typeof below === 'string') found.push(below)
      else if (typeof below === 'object') findRegexes(below, found)
    }
}
