import { isTlsProtocol, parseProtocol } from '../../protocol.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, readText } from '../values.ts'
import {
  checkConnectionPool,
  checkPort,
  checkPortName,
  checkProtocol,
  checkSelector,
  checkSocket,
  unixPrefix,
} from './common.ts'
import {
  checkListAt,
  checkMapAt,
  checkTextsAt,
  type Fault,
  findRepeated,
  isEmptyAt,
  isPresent,
  makeFault,
  makeFaultIf,
  type Problem,
  placeProblem,
} from './faults.ts'
import { checkServerTls } from './gateway.ts'
import { checkAddress, checkDomain, hasPartialWildcard, isDnsLabel, isFullDomain } from './names.ts'

/** See ValidateSidecar in pkg/config/validation/validation.go of istio/istio. */
export function checkSidecar(spec: ManifestMap): Fault {
  const listeners = listAt(spec, 'egress')
  const early = listeners.findIndex(
    (listener, index) => !isPresent(listener, 'port') && index < listeners.length - 1,
  )
  return (
    checkSelector(spec, 'workloadSelector', 'labels') ??
    makeFaultIf(
      isEmptyAt(spec, 'egress') &&
        isEmptyAt(spec, 'ingress') &&
        !['outboundTrafficPolicy', 'inboundConnectionPool'].some(key => isPresent(spec, key)),
      'an empty Sidecar',
    ) ??
    checkListAt(spec, 'ingress', findIngressFault) ??
    findTwinsFault(spec, 'ingress', true) ??
    checkConnectionPool(spec, 'inboundConnectionPool') ??
    makeFaultIf(early >= 0, 'a listener without a port before others', 'egress', Math.max(early, 0)) ??
    checkListAt(spec, 'egress', findEgressFault) ??
    findTwinsFault(spec, 'egress', false) ??
    checkMapAt(spec, 'outboundTrafficPolicy', findOutboundPolicyFault)
  )
}

/** Finds two listeners of one port, or of one socket. */
function findTwinsFault(spec: ManifestMap, key: 'ingress' | 'egress', isWithZero: boolean): Fault {
  const ports = listAt(spec, key)
    .filter(listener => isPresent(listener, 'port'))
    .map(listener => {
      const number = numberAt(mapAt(listener, 'port'), 'number') ?? 0
      return number === 0 && !isWithZero ? (readText(listener, 'bind') ?? '') : String(number)
    })
  const repeated = findRepeated(ports)
  return makeFaultIf(repeated !== undefined, `a second listener of \`${repeated}\``, key)
}

const findEgressFault = (listener: unknown): Fault =>
  checkMapAt(listener, 'port', port => findListenerPortFault(port)) ??
  (isPresent(listener, 'port') ? findPlaceFault(listener) : undefined) ??
  makeFaultIf(isEmptyAt(listener, 'hosts'), 'it has no host', 'hosts') ??
  checkTextsAt(listener, 'hosts', findEgressHostProblem)

const findListenerPortFault = (port: ManifestMap): Fault =>
  makeFaultIf((numberAt(port, 'targetPort') ?? 0) > 0, 'a Sidecar has no use for it', 'targetPort') ??
  placeProblem(isEmptyAt(port, 'name') ? undefined : checkPortName(readText(port, 'name')!), 'name') ??
  placeProblem(checkProtocol(readText(port, 'protocol') ?? ''), 'protocol')

/** See validateSidecarEgressPortBindAndCaptureMode. */
function findPlaceFault(listener: unknown): Fault {
  const number = numberAt(mapAt(listener, 'port'), 'number') ?? 0
  const bind = readText(listener, 'bind') ?? ''
  if (number !== 0)
    return placeProblem(checkPort(number), 'port') ?? placeProblem(findBindProblem(bind), 'bind')
  const captures = !['DEFAULT', 'NONE'].includes(readText(listener, 'captureMode') ?? 'DEFAULT')
  return (
    makeFaultIf(!bind.startsWith(unixPrefix), 'port 0 without a socket', 'bind') ??
    placeProblem(checkSocket(bind.slice(unixPrefix.length)), 'bind') ??
    makeFaultIf(captures, 'a socket captures nothing', 'captureMode')
  )
}

const findBindProblem = (bind: string): Problem => (bind === '' ? undefined : checkAddress(bind))

/** See ValidateNamespaceSlashWildcardHostname in agent/validation.go. */
function findEgressHostProblem(text: string): Problem {
  const slash = text.indexOf('/')
  const namespace = text.slice(0, slash).replace(/^~/, '')
  const host = text.slice(slash + 1)
  if (slash <= 0 || host === '') return `no namespace and host: \`${text}\``
  if (!['', '*', '.'].includes(namespace) && !isDnsLabel(namespace)) return `no namespace: \`${namespace}\``
  if (host !== '*' && !host.includes('.')) return `a short name: \`${host}\``
  return (
    checkDomain(host) ??
    (hasPartialWildcard(host) ? `a \`*\` that is no whole label: \`${host}\`` : undefined)
  )
}

const findIngressFault = (listener: unknown): Fault =>
  makeFaultIf(!isPresent(listener, 'port'), 'no `port`') ??
  checkMapAt(
    listener,
    'port',
    port => findListenerPortFault(port) ?? placeProblem(checkPort(numberAt(port, 'number')), 'number'),
  ) ??
  placeProblem(findBindProblem(readText(listener, 'bind') ?? ''), 'bind') ??
  placeProblem(findEndpointProblem(readText(listener, 'defaultEndpoint') ?? ''), 'defaultEndpoint') ??
  checkMapAt(listener, 'tls', tls => findIngressTlsFault(tls, mapAt(listener, 'port'))) ??
  checkConnectionPool(listener, 'connectionPool')

/** `127.0.0.1:8080`, `:8080`, or `unix:///path`. */
function findEndpointProblem(endpoint: string): Problem {
  if (endpoint.startsWith(unixPrefix)) return checkSocket(endpoint.slice(unixPrefix.length))
  const [, port] = /^(?:|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):\+?(\d{1,9})$/.exec(endpoint) ?? []
  if (endpoint === '') return undefined
  return port === undefined ? `no endpoint of the pod: \`${endpoint}\`` : checkPort(Number(port))
}

function findIngressTlsFault(tls: ManifestMap, port: unknown): Fault {
  const foreign = ['subjectAltNames', 'credentialName', 'credentialNames', 'tlsCertificates'].find(
    key => !isEmptyAt(tls, key),
  )
  return (
    (foreign === undefined ? undefined : makeFault('a Sidecar has no use for it', foreign)) ??
    makeFaultIf(tls['httpsRedirect'] === true, 'a Sidecar does not redirect', 'httpsRedirect') ??
    makeFaultIf(
      ['ISTIO_MUTUAL', 'AUTO_PASSTHROUGH'].includes(readText(tls, 'mode') ?? ''),
      'no mode of a Sidecar',
      'mode',
    ) ??
    makeFaultIf(
      !isTlsProtocol(parseProtocol(readText(port, 'protocol') ?? '')),
      'TLS where the protocol is neither TLS nor HTTPS',
    ) ??
    checkServerTls(tls)
  )
}

/** See validateSidecarOutboundTrafficPolicy. */
function findOutboundPolicyFault(policy: ManifestMap): Fault {
  return checkMapAt(policy, 'egressProxy', proxy => {
    const host = readText(proxy, 'host') ?? ''
    return (
      makeFaultIf(
        (readText(policy, 'mode') ?? 'REGISTRY_ONLY') !== 'ALLOW_ANY',
        'a proxy for hosts that are refused',
      ) ??
      makeFaultIf(!isFullDomain(host), `no domain: \`${host}\``, 'host') ??
      makeFaultIf(!isMap(proxy['port']), 'no `port`') ??
      checkMapAt(proxy, 'port', port => placeProblem(checkPort(numberAt(port, 'number')), 'number')) ??
      makeFaultIf(
        !isEmptyAt(proxy, 'subset') && !isDnsLabel(readText(proxy, 'subset')!),
        'no name of a subset',
        'subset',
      )
    )
  })
}
