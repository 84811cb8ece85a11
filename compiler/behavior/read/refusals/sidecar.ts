import { isTls, protocolOf } from '../../protocol.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, textAt } from '../values.ts'
import {
  faultOfConnectionPool,
  faultOfSelector,
  portNameProblem,
  portProblem,
  protocolProblem,
  socketProblem,
  unixPrefix,
} from './common.ts'
import {
  type Fault,
  fault,
  faultAt,
  faultIf,
  faultInList,
  faultInTexts,
  faultOf,
  isEmptyAt,
  isPresent,
  type Problem,
  repeatedIn,
} from './faults.ts'
import { faultOfServerTls } from './gateway.ts'
import { addressProblem, domainProblem, hasPartialWildcard, isDnsLabel, isFullDomain } from './names.ts'

/** See ValidateSidecar in pkg/config/validation/validation.go of istio/istio. */
export function faultOfSidecar(spec: ManifestMap): Fault {
  const listeners = listAt(spec, 'egress')
  const early = listeners.findIndex(
    (listener, index) => !isPresent(listener, 'port') && index < listeners.length - 1,
  )
  return (
    faultOfSelector(spec, 'workloadSelector', 'labels') ??
    faultIf(
      isEmptyAt(spec, 'egress') &&
        isEmptyAt(spec, 'ingress') &&
        !['outboundTrafficPolicy', 'inboundConnectionPool'].some(key => isPresent(spec, key)),
      'an empty Sidecar',
    ) ??
    faultInList(spec, 'ingress', faultOfIngress) ??
    faultOfTwins(spec, 'ingress', true) ??
    faultOfConnectionPool(spec, 'inboundConnectionPool') ??
    faultIf(early >= 0, 'a listener without a port before others', 'egress', Math.max(early, 0)) ??
    faultInList(spec, 'egress', faultOfEgress) ??
    faultOfTwins(spec, 'egress', false) ??
    faultAt(spec, 'outboundTrafficPolicy', faultOfOutboundPolicy)
  )
}

/** Two listeners of one port, or of one socket. */
function faultOfTwins(spec: ManifestMap, key: 'ingress' | 'egress', isWithZero: boolean): Fault {
  const ports = listAt(spec, key)
    .filter(listener => isPresent(listener, 'port'))
    .map(listener => {
      const number = numberAt(mapAt(listener, 'port'), 'number') ?? 0
      return number === 0 && !isWithZero ? (textAt(listener, 'bind') ?? '') : String(number)
    })
  const repeated = repeatedIn(ports)
  return faultIf(repeated !== undefined, `a second listener of \`${repeated}\``, key)
}

const faultOfEgress = (listener: unknown): Fault =>
  faultAt(listener, 'port', port => faultOfPort(port)) ??
  (isPresent(listener, 'port') ? faultOfPlace(listener) : undefined) ??
  faultIf(isEmptyAt(listener, 'hosts'), 'it has no host', 'hosts') ??
  faultInTexts(listener, 'hosts', hostProblem)

const faultOfPort = (port: ManifestMap): Fault =>
  faultIf((numberAt(port, 'targetPort') ?? 0) > 0, 'a Sidecar has no use for it', 'targetPort') ??
  faultOf(isEmptyAt(port, 'name') ? undefined : portNameProblem(textAt(port, 'name')!), 'name') ??
  faultOf(protocolProblem(textAt(port, 'protocol') ?? ''), 'protocol')

/** See validateSidecarEgressPortBindAndCaptureMode. */
function faultOfPlace(listener: unknown): Fault {
  const number = numberAt(mapAt(listener, 'port'), 'number') ?? 0
  const bind = textAt(listener, 'bind') ?? ''
  if (number !== 0) return faultOf(portProblem(number), 'port') ?? faultOf(bindProblem(bind), 'bind')
  const captures = !['DEFAULT', 'NONE'].includes(textAt(listener, 'captureMode') ?? 'DEFAULT')
  return (
    faultIf(!bind.startsWith(unixPrefix), 'port 0 without a socket', 'bind') ??
    faultOf(socketProblem(bind.slice(unixPrefix.length)), 'bind') ??
    faultIf(captures, 'a socket captures nothing', 'captureMode')
  )
}

const bindProblem = (bind: string): Problem => (bind === '' ? undefined : addressProblem(bind))

/** See ValidateNamespaceSlashWildcardHostname in agent/validation.go. */
function hostProblem(text: string): Problem {
  const slash = text.indexOf('/')
  const namespace = text.slice(0, slash).replace(/^~/, '')
  const host = text.slice(slash + 1)
  if (slash <= 0 || host === '') return `no namespace and host: \`${text}\``
  if (!['', '*', '.'].includes(namespace) && !isDnsLabel(namespace)) return `no namespace: \`${namespace}\``
  if (host !== '*' && !host.includes('.')) return `a short name: \`${host}\``
  return (
    domainProblem(host) ??
    (hasPartialWildcard(host) ? `a \`*\` that is no whole label: \`${host}\`` : undefined)
  )
}

const faultOfIngress = (listener: unknown): Fault =>
  faultIf(!isPresent(listener, 'port'), 'no `port`') ??
  faultAt(
    listener,
    'port',
    port => faultOfPort(port) ?? faultOf(portProblem(numberAt(port, 'number')), 'number'),
  ) ??
  faultOf(bindProblem(textAt(listener, 'bind') ?? ''), 'bind') ??
  faultOf(endpointProblem(textAt(listener, 'defaultEndpoint') ?? ''), 'defaultEndpoint') ??
  faultAt(listener, 'tls', tls => faultOfIngressTls(tls, mapAt(listener, 'port'))) ??
  faultOfConnectionPool(listener, 'connectionPool')

/** `127.0.0.1:8080`, `:8080`, or `unix:///path`. */
function endpointProblem(endpoint: string): Problem {
  if (endpoint.startsWith(unixPrefix)) return socketProblem(endpoint.slice(unixPrefix.length))
  const [, port] = /^(?:|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):\+?(\d{1,9})$/.exec(endpoint) ?? []
  if (endpoint === '') return undefined
  return port === undefined ? `no endpoint of the pod: \`${endpoint}\`` : portProblem(Number(port))
}

function faultOfIngressTls(tls: ManifestMap, port: unknown): Fault {
  const foreign = ['subjectAltNames', 'credentialName', 'credentialNames', 'tlsCertificates'].find(
    key => !isEmptyAt(tls, key),
  )
  return (
    (foreign === undefined ? undefined : fault('a Sidecar has no use for it', foreign)) ??
    faultIf(tls['httpsRedirect'] === true, 'a Sidecar does not redirect', 'httpsRedirect') ??
    faultIf(
      ['ISTIO_MUTUAL', 'AUTO_PASSTHROUGH'].includes(textAt(tls, 'mode') ?? ''),
      'no mode of a Sidecar',
      'mode',
    ) ??
    faultIf(
      !isTls(protocolOf(textAt(port, 'protocol') ?? '')),
      'TLS where the protocol is neither TLS nor HTTPS',
    ) ??
    faultOfServerTls(tls)
  )
}

/** See validateSidecarOutboundTrafficPolicy. */
function faultOfOutboundPolicy(policy: ManifestMap): Fault {
  return faultAt(policy, 'egressProxy', proxy => {
    const host = textAt(proxy, 'host') ?? ''
    return (
      faultIf(
        (textAt(policy, 'mode') ?? 'REGISTRY_ONLY') !== 'ALLOW_ANY',
        'a proxy for hosts that are refused',
      ) ??
      faultIf(!isFullDomain(host), `no domain: \`${host}\``, 'host') ??
      faultIf(!isMap(proxy['port']), 'no `port`') ??
      faultAt(proxy, 'port', port => faultOf(portProblem(numberAt(port, 'number')), 'number')) ??
      faultIf(
        !isEmptyAt(proxy, 'subset') && !isDnsLabel(textAt(proxy, 'subset')!),
        'no name of a subset',
        'subset',
      )
    )
  })
}
