import { isAddress } from '../../address-ranges.ts'
import { isHttpProtocol, isTlsProtocol, parseProtocol } from '../../protocol.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, readText } from '../values.ts'
import { checkCredentials, checkPort, checkSocket, unixPrefix } from './common.ts'
import {
  checkListAt,
  checkMapAt,
  checkTextsAt,
  type Fault,
  findRepeated,
  isEmptyAt,
  makeFault,
  makeFaultIf,
  type Problem,
  placeProblem,
} from './faults.ts'
import { checkAddress, hasPartialWildcard, isDnsLabel, isDomain } from './names.ts'

/** See ValidateGateway in pkg/config/validation/validation.go of istio/istio. */
export function checkGateway(spec: ManifestMap): Fault {
  const names = listAt(spec, 'servers').map(server => readText(mapAt(server, 'port'), 'name') ?? '')
  const repeated = findRepeated(names)
  return (
    makeFaultIf(isEmptyAt(spec, 'servers'), 'it has no server', 'servers') ??
    checkListAt(spec, 'servers', server => findServerFault(isMap(server) ? server : {})) ??
    makeFaultIf(repeated !== undefined, `a second port \`${repeated}\``, 'servers')
  )
}

/** See validateServer. */
function findServerFault(server: ManifestMap): Fault {
  const protocol = parseProtocol(readText(mapAt(server, 'port'), 'protocol') ?? '')
  const tls = mapAt(server, 'tls')
  return (
    makeFaultIf(isEmptyAt(server, 'hosts'), 'it has no host', 'hosts') ??
    checkTextsAt(server, 'hosts', findServerHostProblem) ??
    findServerPortFault(server) ??
    findBindFault(server) ??
    checkMapAt(server, 'tls', checkServerTls) ??
    (isTlsProtocol(protocol)
      ? makeFaultIf(tls === undefined, 'no `tls` where the protocol is TLS or HTTPS')
      : tls && findPlainTlsFault(tls, isHttpProtocol(protocol)))
  )
}

/** Finds TLS settings of a plaintext server other than the redirect, which is the only allowed one. */
const findPlainTlsFault = (tls: ManifestMap, isHttpServer: boolean): Fault =>
  makeFaultIf(!isHttpServer, 'TLS where the protocol is neither TLS nor HTTPS', 'tls') ??
  makeFaultIf(
    !['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(readText(tls, 'mode') ?? 'PASSTHROUGH') ||
      ['caCertificates', 'privateKey', 'serverCertificate'].some(key => !isEmptyAt(tls, key)),
    'TLS of a server of plaintext HTTP',
    'tls',
  )

/** See ValidateNamespaceSlashWildcardHostname in agent/validation.go. */
function findServerHostProblem(text: string): Problem {
  const slash = text.indexOf('/')
  const [namespace, host] = slash < 0 ? ['*', text] : [text.slice(0, slash), text.slice(slash + 1)]
  if (namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    return `no namespace: \`${namespace}\``
  if (host !== '*' && !host.includes('.')) return `a short name: \`${host}\``
  if (!isDomain(host) && !isAddress(host)) return `no domain: \`${host}\``
  return hasPartialWildcard(host) ? `a \`*\` that is no whole label: \`${host}\`` : undefined
}

/** See validateServerPort. */
const findServerPortFault = (server: ManifestMap): Fault => {
  const isSocket = (readText(server, 'bind') ?? '').startsWith(unixPrefix)
  return checkMapAt(server, 'port', port => {
    const number = numberAt(port, 'number') ?? 0
    const protocol = readText(port, 'protocol') ?? ''
    return (
      makeFaultIf(parseProtocol(protocol) === 'Unsupported', `no protocol: \`${protocol}\``, 'protocol') ??
      placeProblem(number > 0 || !isSocket ? checkPort(number) : undefined, 'number') ??
      makeFaultIf((numberAt(port, 'targetPort') ?? 0) > 0, 'a Gateway has no use for it', 'targetPort') ??
      makeFaultIf(isEmptyAt(port, 'name'), 'an empty name', 'name')
    )
  })
}

/** See validateServerBind. */
function findBindFault(server: ManifestMap): Fault {
  const bind = readText(server, 'bind') ?? ''
  if (!bind.startsWith(unixPrefix)) return bind === '' ? undefined : placeProblem(checkAddress(bind), 'bind')
  return (
    placeProblem(checkSocket(bind.slice(unixPrefix.length)), 'bind') ??
    makeFaultIf(numberAt(mapAt(server, 'port'), 'number') !== 0, 'a port beside a socket', 'bind')
  )
}

/** See validateTLSOptions. */
export function checkServerTls(tls: ManifestMap): Fault {
  const mode = readText(tls, 'mode') ?? 'PASSTHROUGH'
  const has = (key: string) => !isEmptyAt(tls, key)
  const files = ['serverCertificate', 'privateKey', 'caCertificates', 'tlsCertificates']
  const names = ['credentialName', 'credentialNames']
  if (mode === 'ISTIO_MUTUAL') {
    const foreign = [...files, ...names].find(has)
    return foreign === undefined ? undefined : makeFault('a certificate where Istio gives one', foreign)
  }
  const sources = [has('serverCertificate') && has('privateKey'), ...[...names, 'tlsCertificates'].map(has)]
  const count = sources.filter(isSource => isSource).length
  return (
    checkCredentials(tls) ??
    makeFaultIf(count > 1, 'more than one source of certificates') ??
    (mode.endsWith('PASSTHROUGH') || names.some(has) ? undefined : findFilesFault(tls, mode)) ??
    makeFaultIf(
      mode === 'SIMPLE' && !names.some(has) && has('caCrl'),
      'a list of revoked certificates',
      'caCrl',
    )
  )
}

function findFilesFault(tls: ManifestMap, mode: string): Fault {
  const isWhole = (pair: unknown) => !isEmptyAt(pair, 'serverCertificate') && !isEmptyAt(pair, 'privateKey')
  const pairs = isEmptyAt(tls, 'tlsCertificates') ? [tls] : listAt(tls, 'tlsCertificates')
  return (
    makeFaultIf(
      mode !== 'SIMPLE' && isEmptyAt(tls, 'caCertificates'),
      'mutual TLS without what clients show',
    ) ?? makeFaultIf(!pairs.every(isWhole), 'TLS without a certificate and its key')
  )
}
