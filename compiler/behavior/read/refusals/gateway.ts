import { isAddress } from '../../address-ranges.ts'
import { isHttp, isTls, protocolOf } from '../../protocol.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, textAt } from '../values.ts'
import { faultOfCredentials, portProblem, socketProblem, unixPrefix } from './common.ts'
import {
  type Fault,
  fault,
  faultAt,
  faultIf,
  faultInList,
  faultInTexts,
  faultOf,
  isEmptyAt,
  type Problem,
  repeatedIn,
} from './faults.ts'
import { addressProblem, hasPartialWildcard, isDnsLabel, isDomain } from './names.ts'

/** See ValidateGateway in pkg/config/validation/validation.go of istio/istio. */
export function faultOfGateway(spec: ManifestMap): Fault {
  const names = listAt(spec, 'servers').map(server => textAt(mapAt(server, 'port'), 'name') ?? '')
  const repeated = repeatedIn(names)
  return (
    faultIf(isEmptyAt(spec, 'servers'), 'it has no server', 'servers') ??
    faultInList(spec, 'servers', server => faultOfServer(isMap(server) ? server : {})) ??
    faultIf(repeated !== undefined, `a second port \`${repeated}\``, 'servers')
  )
}

/** See validateServer. */
function faultOfServer(server: ManifestMap): Fault {
  const protocol = protocolOf(textAt(mapAt(server, 'port'), 'protocol') ?? '')
  const tls = mapAt(server, 'tls')
  return (
    faultIf(isEmptyAt(server, 'hosts'), 'it has no host', 'hosts') ??
    faultInTexts(server, 'hosts', hostProblem) ??
    faultOfPort(server) ??
    faultOfBind(server) ??
    faultAt(server, 'tls', faultOfServerTls) ??
    (isTls(protocol)
      ? faultIf(tls === undefined, 'no `tls` where the protocol is TLS or HTTPS')
      : tls && faultOfPlainTls(tls, isHttp(protocol)))
  )
}

/** All that a plaintext server may do with TLS is redirect to it. */
const faultOfPlainTls = (tls: ManifestMap, isHttpServer: boolean): Fault =>
  faultIf(!isHttpServer, 'TLS where the protocol is neither TLS nor HTTPS', 'tls') ??
  faultIf(
    !['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(textAt(tls, 'mode') ?? 'PASSTHROUGH') ||
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
  const isSocket = (textAt(server, 'bind') ?? '').startsWith(unixPrefix)
  return faultAt(server, 'port', port => {
    const number = numberAt(port, 'number') ?? 0
    const protocol = textAt(port, 'protocol') ?? ''
    return (
      faultIf(protocolOf(protocol) === 'Unsupported', `no protocol: \`${protocol}\``, 'protocol') ??
      faultOf(number > 0 || !isSocket ? portProblem(number) : undefined, 'number') ??
      faultIf((numberAt(port, 'targetPort') ?? 0) > 0, 'a Gateway has no use for it', 'targetPort') ??
      faultIf(isEmptyAt(port, 'name'), 'an empty name', 'name')
    )
  })
}

/** See validateServerBind. */
function faultOfBind(server: ManifestMap): Fault {
  const bind = textAt(server, 'bind') ?? ''
  if (!bind.startsWith(unixPrefix)) return bind === '' ? undefined : faultOf(addressProblem(bind), 'bind')
  return (
    faultOf(socketProblem(bind.slice(unixPrefix.length)), 'bind') ??
    faultIf(numberAt(mapAt(server, 'port'), 'number') !== 0, 'a port beside a socket', 'bind')
  )
}

/** See validateTLSOptions. */
export function faultOfServerTls(tls: ManifestMap): Fault {
  const mode = textAt(tls, 'mode') ?? 'PASSTHROUGH'
  const has = (key: string) => !isEmptyAt(tls, key)
  const files = ['serverCertificate', 'privateKey', 'caCertificates', 'tlsCertificates']
  const names = ['credentialName', 'credentialNames']
  if (mode === 'ISTIO_MUTUAL') {
    const foreign = [...files, ...names].find(has)
    return foreign === undefined ? undefined : fault('a certificate where Istio gives one', foreign)
  }
  const sources = [has('serverCertificate') && has('privateKey'), ...[...names, 'tlsCertificates'].map(has)]
  const count = sources.filter(isSource => isSource).length
  return (
    faultOfCredentials(tls) ??
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
