import { isAddress, isRange } from '../../address-ranges.ts'
import { isWildcard } from '../../hosts.ts'
import { isHttpProtocol, isTlsProtocol, parseProtocol } from '../../protocol.ts'
import { listAt, type ManifestMap, numberAt, readText, readTexts } from '../values.ts'
import {
  checkExportTo,
  checkPort,
  checkPortName,
  checkProtocol,
  checkSelector,
  checkSocket,
  unixPrefix,
} from './common.ts'
import {
  checkEntriesAt,
  checkListAt,
  checkMapAt,
  checkOneOf,
  checkTextsAt,
  type Fault,
  findRepeated,
  isEmptyAt,
  isPresent,
  makeFault,
  makeFaultIf,
  placeProblem,
} from './faults.ts'
import { checkDomain, checkLabels, isFullDomain } from './names.ts'

/** See ValidateServiceEntry in pkg/config/validation/validation.go of istio/istio. */
export function checkServiceEntry(spec: ManifestMap, namespace: string): Fault {
  const resolution = readText(spec, 'resolution') ?? 'NONE'
  const isFixed = resolution === 'NONE' || resolution === 'STATIC'
  const hosts = readTexts(spec, 'hosts')
  return (
    checkSelector(spec, 'workloadSelector', 'labels') ??
    checkOneOf(spec, 'workloadSelector', 'endpoints') ??
    makeFaultIf(hosts.length === 0, 'it has no host', 'hosts') ??
    checkTextsAt(spec, 'hosts', host => (host === '*' ? 'the host `*`' : checkDomain(host))) ??
    checkTextsAt(spec, 'addresses', address =>
      !isRange(address)
        ? `no address or CIDR: \`${address}\``
        : !isFixed && address.includes('/')
          ? `a CIDR where the resolution is ${resolution}`
          : undefined,
    ) ??
    findPortsFault(spec) ??
    findResolutionFault(spec, resolution, hosts) ??
    makeFaultIf(
      resolution !== 'NONE' &&
        hosts.length > 1 &&
        listAt(spec, 'ports').some(port => !isToldApart(readText(port, 'protocol'))),
      'several hosts on a port where only addresses tell them apart',
      'ports',
    ) ??
    checkExportTo(spec, namespace, true)
  )
}

const isToldApart = (name = ''): boolean =>
  isHttpProtocol(parseProtocol(name)) || isTlsProtocol(parseProtocol(name))

function findPortsFault(spec: ManifestMap): Fault {
  const ports = listAt(spec, 'ports')
  const number = findRepeated(ports.map(port => String(numberAt(port, 'number'))))
  const name = findRepeated(ports.map(port => readText(port, 'name') ?? ''))
  return (
    makeFaultIf(number !== undefined, `a second port ${number}`, 'ports') ??
    makeFaultIf(name !== undefined, `a second port \`${name}\``, 'ports') ??
    checkListAt(
      spec,
      'ports',
      port =>
        placeProblem(checkPortName(readText(port, 'name') ?? ''), 'name') ??
        placeProblem(checkProtocol(readText(port, 'protocol') ?? ''), 'protocol') ??
        placeProblem(checkPort(numberAt(port, 'number')), 'number') ??
        placeProblem(
          isPresent(port, 'targetPort') ? checkPort(numberAt(port, 'targetPort')) : undefined,
          'targetPort',
        ),
    )
  )
}

function findResolutionFault(spec: ManifestMap, resolution: string, hosts: readonly string[]): Fault {
  const ports = new Set(listAt(spec, 'ports').map(port => readText(port, 'name') ?? ''))
  const endpoints = listAt(spec, 'endpoints')
  const isRoundRobin = resolution === 'DNS_ROUND_ROBIN'
  const partial = hosts.find(host => !isFullDomain(host))
  if (resolution === 'NONE')
    return makeFaultIf(isPresent(spec, 'endpoints'), 'endpoints where the resolution is NONE', 'endpoints')
  if (resolution === 'STATIC')
    return checkListAt(spec, 'endpoints', endpoint => findEndpointFault(endpoint, 'address', ports))
  if (resolution !== 'DYNAMIC_DNS')
    return (
      makeFaultIf(
        endpoints.length === 0 && partial !== undefined,
        `no name that DNS has: \`${partial}\``,
        'hosts',
      ) ??
      makeFaultIf(isRoundRobin && endpoints.length > 1, 'more than one endpoint', 'endpoints') ??
      checkListAt(spec, 'endpoints', endpoint => findEndpointFault(endpoint, 'name', ports))
    )
  const plain = hosts.find(host => !isWildcard(host))
  return (
    makeFaultIf(plain !== undefined, `no wildcard: \`${plain}\``, 'hosts') ??
    makeFaultIf(
      readTexts(spec, 'addresses').length > 0,
      'addresses where the resolution is DYNAMIC_DNS',
      'addresses',
    ) ??
    makeFaultIf(endpoints.length > 0, 'endpoints where the resolution is DYNAMIC_DNS', 'endpoints') ??
    checkListAt(spec, 'ports', port =>
      makeFaultIf(
        !['HTTP', 'TLS', 'GRPC', 'HTTP2'].includes(parseProtocol(readText(port, 'protocol') ?? '')),
        'a protocol without names of hosts',
        'protocol',
      ),
    )
  )
}

/** See ValidateWorkloadEntry: `spec` of a WorkloadEntry. */
export const checkWorkloadEntry = (spec: ManifestMap): Fault => findEndpointFault(spec, 'any')

/** See ValidateWorkloadGroup: `spec` of a WorkloadGroup, whose template may omit the address. */
export const checkWorkloadGroup = (spec: ManifestMap): Fault =>
  makeFaultIf(!isPresent(spec, 'template'), 'no template', 'template') ??
  checkMapAt(spec, 'template', template =>
    isEmptyAt(template, 'address') ? undefined : findEndpointFault(template, 'any'),
  )

/**
 * An endpoint of a ServiceEntry, or a WorkloadEntry. `place`: whether the address is an IP address (or a socket), a DNS name (or an
 * IP address), or any of them; `ports`: the port names of the ServiceEntry. See validateWorkloadEntry, and the CEL rules of the CRD.
 */
function findEndpointFault(
  endpoint: unknown,
  place: 'address' | 'name' | 'any',
  ports?: ReadonlySet<string>,
): Fault {
  const address = readText(endpoint, 'address') ?? ''
  const isSocket = address.startsWith(unixPrefix)
  const isPlace =
    isAddress(address) || (isSocket && place !== 'name') || (isFullDomain(address) && place !== 'address')
  return (
    makeFaultIf(
      address === '' && (place === 'name' || isEmptyAt(endpoint, 'network')),
      'no address',
      'address',
    ) ??
    placeProblem(isSocket ? checkSocket(address.slice(unixPrefix.length)) : undefined, 'address') ??
    makeFaultIf(isSocket && isPresent(endpoint, 'ports'), 'ports of a socket', 'ports') ??
    makeFaultIf(
      isSocket && ports !== undefined && ports.size !== 1,
      'a socket for several ports',
      'address',
    ) ??
    makeFaultIf(address !== '' && !isPlace, `no address: \`${address}\``, 'address') ??
    checkEntriesAt(endpoint, 'ports', name =>
      ports !== undefined && !ports.has(name)
        ? makeFault(`no port of the ServiceEntry: \`${name}\``)
        : placeProblem(name.length < 63 ? checkPortName(name) : `a long name of a port: \`${name}\``),
    ) ??
    checkLabels(endpoint, 'labels')
  )
}
