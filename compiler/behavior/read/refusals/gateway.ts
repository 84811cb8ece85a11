import { isAddress } from '../../address-ranges.ts'
import { isHttpProtocol, isTlsProtocol, parseProtocol } from '../../protocol.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, readText } from '../values.ts'
import { checkCredentials, checkPort, checkSocket, unixPrefix } from './common.ts'
import {
  checkListAt,
  checkMapAt,
  checkTextsAt,
  type Fault,
  faultIf,
  findRepeated,
  isEmptyAt,
  makeFault,
  type Problem,
  placeProblem,
} from './faults.ts'
import { checkAddress, hasPartialWildcard, isDnsLabel, isDomain } from './names.ts'

/** See ValidateGateway in pkg/config/validation/validation.go of istio/istio. */
export function checkGateway(spec: ManifestMap): Fault {
  const names = listAt(spec, 'servers').map(server => readText(mapAt(server, 'port'), 'name') ?? '')
  const repeated = findRepeated(names)
  return (
    faultIf(isEmptyAt(spec, 'servers'), 'it has no server', 'servers') ??
    checkListAt(spec, 'servers', server => faultOfServer(isMap(server) ? server : {})) ??
    faultIf(repeated !== undefined, `a second port \`${repeated}\``, 'servers')
  )
}

/** See validateServer. */
function faultOfServer(server: ManifestMap): Fault {
  const protocol = parseProtocol(readText(mapAt(server, 'port'), 'protocol') ?? '')
  const tls = mapAt(server, 'tls')
  return (
    faultIf(isEmptyAt(server, 'hosts'), 'it has no host', 'hosts') ??
    checkTextsAt(server, 'hosts', hostProblem) ??
    faultOfPort(server) ??
    faultOfBind(server) ??
    checkMapAt(server, 'tls', checkServerTls) ??
    (isTlsProtocol(protocol)
      ? faultIf(tls === undefined, 'no `tls` where the protocol is TLS or HTTPS')
      : tls && faultOfPlainTls(tls, isHttpProtocol(protocol)))
  )
}

/** Finds TLS settings of a plaintext server besides the redirect, the only one that it may have. */
const faultOfPlainTls = (tls: ManifestMap, isHttpServer: boolean): Fault =>
  faultIf(!isHttpServer, 'TLS where the protocol is neither TLS nor HTTPS', 'tls') ??
  faultIf(
    !['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(readText(tls, 'mode') ?? 'PASSTHROUGH') ||
      ['caCertificates', 'privateKey', 'serverCertificate'].some(key => !isEmptyAt(tls, key)),
    'TLS of a server of plaintext HTTP',
    'tls',
  )

/** See ValidateNamespaceSlashWildcardHostname in agent/validation.go. */
function hostProblem(text: string): Problem {
  const slash = text.indexOf('/')
  const [namespace, host] = slash < 0 ? ['*', text] : [text.slice(0, slash), text.slice(slash + 1)]
  if (namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    return `no namespace: \`${namespace}\``
  if (host !== '*' && !host.includes('.')) return `a short name: \`${host}\``
  if (!isDomain(host) && !isAddress(host)) return `no domain: \`${host}\``
  return hasPartialWildcard(host) ? `a \`*\` that is no whole label: \`${host}\`` : undefined
}

/** See validateServerPort. */
const faultOfPort = (server: ManifestMap): Fault => {
  const isSocket = (readText(server, 'bind') ?? '').startsWith(unixPrefix)
  return checkMapAt(server, 'port', port => {
    const number = numberAt(port, 'number') ?? 0
    const protocol = readText(port, 'protocol') ?? ''
    return (
      faultIf(parseProtocol(protocol) === 'Unsupported', `no protocol: \`${protocol}\``, 'protocol') ??
      placeProblem(number > 0 || !isSocket ? checkPort(number) : undefined, 'number') ??
      faultIf((numberAt(port, 'targetPort') ?? 0) > 0, 'a Gateway has no use for it', 'targetPort') ??
      faultIf(isEmptyAt(port, 'name'), 'an empty name', 'name')
    )
  })
}

/** See validateServerBind. */
function faultOfBind(server: ManifestMap): Fault {
  const bind = readText(server, 'bind') ?? ''
  if (!bind.startsWith(unixPrefix)) return bind === '' ? undefined : placeProblem(checkAddress(bind), 'bind')
  return (
    placeProblem(checkSocket(bind.slice(unixPrefix.length)), 'bind') ??
    faultIf(numberAt(mapAt(server, 'port'), 'number') !== 0, 'a port beside a socket', 'bind')
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
    faultIf(count > 1, 'more than one source of certificates') ??
    (mode.endsWith('PASSTHROUGH') || names.some(has) ? undefined : faultOfFiles(tls, mode)) ??
    faultIf(mode === 'SIMPLE' && !names.some(has) && has('caCrl'), 'a list of revoked certificates', 'caCrl')
  )
}

function faultOfFiles(tls: ManifestMap, mode: string): Fault {
  const isWhole = (pair: unknown) => !isEmptyAt(pair, 'serverCertificate') && !isEmptyAt(pair, 'privateKey')
  const pairs = isEmptyAt(tls, 'tlsCertificates') ? [tls] : listAt(tls, 'tlsCertificates')
  return (
    faultIf(mode !== 'SIMPLE' && isEmptyAt(tls, 'caCertificates'), 'mutual TLS without what clients show') ??
    faultIf(!pairs.every(isWhole), 'TLS without a certificate and its key')
  )
}
