import { isDuration } from '../fields.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, readText, readTexts } from '../values.ts'
import { checkConnectionPool, checkDuration, checkExportTo, checkPort, checkSelector } from './common.ts'
import {
  checkListAt,
  checkMapAt,
  checkOneOf,
  type Fault,
  findRepeated,
  isEmptyAt,
  isPresent,
  makeFaultIf,
  placeProblem,
} from './faults.ts'
import { checkAddress, checkDomain, checkLabels, isDnsLabel, isFullDomain } from './names.ts'

/** See ValidateDestinationRule in pkg/config/validation/validation.go of istio/istio. */
export function checkDestinationRule(spec: ManifestMap, namespace: string): Fault {
  const names = listAt(spec, 'subsets').map(subset => readText(subset, 'name') ?? '')
  const repeated = findRepeated(names)
  return (
    placeProblem(checkDomain(readText(spec, 'host') ?? ''), 'host') ??
    checkMapAt(spec, 'trafficPolicy', findPolicyFault) ??
    makeFaultIf(repeated !== undefined, `a second subset \`${repeated}\``, 'subsets') ??
    checkListAt(
      spec,
      'subsets',
      subset =>
        makeFaultIf(!isDnsLabel(readText(subset, 'name') ?? ''), 'no name of a subset', 'name') ??
        checkLabels(subset, 'labels') ??
        checkMapAt(subset, 'trafficPolicy', findPolicyFault),
    ) ??
    checkExportTo(spec, namespace, false) ??
    makeFaultIf(
      mapAt(spec, 'workloadSelector') !== undefined &&
        readTexts(spec, 'exportTo').some(name => name !== '.' && name !== namespace),
      'a rule with a selector is for its own namespace only',
      'exportTo',
    ) ??
    checkSelector(spec, 'workloadSelector', 'matchLabels')
  )
}

/** See validateTrafficPolicy. */
const findPolicyFault = (policy: ManifestMap): Fault =>
  makeFaultIf(
    ![...partsOfPort, 'tunnel', 'proxyProtocol', 'retryBudget'].some(key => isPresent(policy, key)) &&
      isEmptyAt(policy, 'portLevelSettings'),
    'an empty policy',
  ) ??
  makeFaultIf(
    isPresent(policy, 'tunnel') && isPresent(policy, 'proxyProtocol'),
    '`tunnel` and `proxyProtocol` exclude each other',
  ) ??
  findPartsFault(policy) ??
  checkListAt(
    policy,
    'portLevelSettings',
    settings =>
      makeFaultIf(!isPresent(settings, 'port'), 'no `port`') ??
      makeFaultIf(!partsOfPort.some(key => isPresent(settings, key)), 'an empty policy') ??
      findPartsFault(isMap(settings) ? settings : {}),
  ) ??
  checkMapAt(policy, 'tunnel', findTunnelFault)

const partsOfPort = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls']

const findPartsFault = (policy: ManifestMap): Fault =>
  checkMapAt(policy, 'outlierDetection', findOutliersFault) ??
  checkConnectionPool(policy, 'connectionPool') ??
  checkMapAt(policy, 'loadBalancer', findLoadBalancerFault) ??
  checkMapAt(policy, 'tls', findClientTlsFault)

/** See validateTunnelSettings. */
function findTunnelFault(tunnel: ManifestMap): Fault {
  const protocol = readText(tunnel, 'protocol') ?? ''
  const host = readText(tunnel, 'targetHost') ?? ''
  return (
    makeFaultIf(!['', 'CONNECT', 'POST'].includes(protocol), 'neither `CONNECT` nor `POST`', 'protocol') ??
    placeProblem(isFullDomain(host) ? undefined : checkAddress(host), 'targetHost') ??
    placeProblem(checkPort(numberAt(tunnel, 'targetPort')), 'targetPort')
  )
}

/** See validateOutlierDetection. */
const findOutliersFault = (outliers: ManifestMap): Fault =>
  checkDuration(outliers, 'baseEjectionTime') ??
  checkDuration(outliers, 'interval') ??
  makeFaultIf(
    outliers['splitExternalLocalOriginErrors'] !== true &&
      (numberAt(outliers, 'consecutiveLocalOriginFailures') ?? 0) > 0,
    'failures of local origin are counted where they are not split from others',
  ) ??
  findPercentFault(outliers, 'maxEjectionPercent') ??
  findPercentFault(outliers, 'minHealthPercent')

const findPercentFault = (value: unknown, key: string): Fault => {
  const percent = numberAt(value, key) ?? 0
  return makeFaultIf(
    !Number.isInteger(percent) || percent < 0 || percent > 100,
    'no whole number from 0 to 100',
    key,
  )
}

/** See validateLoadBalancer. */
const findLoadBalancerFault = (balancer: ManifestMap): Fault =>
  checkOneOf(balancer, 'simple', 'consistentHash') ??
  checkOneOf(balancer, 'localityLbSetting', 'zoneAwareLbSetting') ??
  checkMapAt(balancer, 'consistentHash', findHashFault) ??
  checkMapAt(balancer, 'localityLbSetting', findLocalitiesFault) ??
  checkMapAt(
    balancer,
    'zoneAwareLbSetting',
    zones =>
      findFailoverFault(zones) ?? makeFaultIf(hasTopology(zones), 'a label of a place', 'failoverPriority'),
  ) ??
  checkMapAt(
    balancer,
    'warmup',
    warmup =>
      makeFaultIf(!isPresent(warmup, 'duration'), 'no duration') ??
      checkDuration(warmup, 'duration') ??
      makeFaultIf((numberAt(warmup, 'aggression') ?? 1) <= 0, 'a number that is not above 0', 'aggression') ??
      makeFaultIf(
        (numberAt(warmup, 'minimumPercent') ?? 0) > 100,
        'more than 100 per cent',
        'minimumPercent',
      ),
  )

function findHashFault(hash: ManifestMap): Fault {
  const size = numberAt(mapAt(hash, 'maglev'), 'tableSize') ?? 0
  return (
    checkOneOf(hash, 'httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName') ??
    checkOneOf(hash, 'ringHash', 'maglev') ??
    makeFaultIf(
      (numberAt(hash, 'minimumRingSize') ?? 0) !== 0 &&
        (isPresent(hash, 'ringHash') || isPresent(hash, 'maglev')),
      '`minimumRingSize` beside an algorithm',
    ) ??
    makeFaultIf(
      isPresent(hash, 'maglev') && !(size < 5_000_011 && isPrime(size)),
      'no prime below 5000011',
      'maglev',
    ) ??
    checkMapAt(hash, 'httpCookie', cookie => {
      const names = listAt(cookie, 'attributes').map(attribute => readText(attribute, 'name') ?? '')
      return (
        makeFaultIf(isEmptyAt(cookie, 'name'), 'an empty name', 'name') ??
        makeFaultIf(
          isPresent(cookie, 'ttl') && !isDuration(cookie['ttl']),
          'this is not a duration',
          'ttl',
        ) ??
        makeFaultIf(
          names.includes('') || findRepeated(names) !== undefined,
          'no name, or a second one',
          'attributes',
        )
      )
    })
  )
}

/** Envoy counts 1 as one. See isPrime of Istio. */
function isPrime(number: number): boolean {
  if (number < 1) return false
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false
  return true
}

/** See ValidateLocalityLbSetting in agent/validation.go. */
function findLocalitiesFault(setting: ManifestMap): Fault {
  const distribute = listAt(setting, 'distribute')
  const hasFailover = !isEmptyAt(setting, 'failover')
  return (
    makeFaultIf(distribute.length > 0 && hasFailover, '`distribute` and `failover` exclude each other') ??
    makeFaultIf(
      hasFailover && hasTopology(setting),
      '`failover` beside a label of a place',
      'failoverPriority',
    ) ??
    checkListAt(setting, 'distribute', entry => {
      const shares = Object.entries(mapAt(entry, 'to') ?? {})
      const weights = shares.map(([, weight]) => Number(weight))
      return (
        makeFaultIf(
          weights.some(weight => weight < 1 || weight > 100) ||
            weights.reduce((sum, weight) => sum + weight, 0) !== 100,
          'weights that do not add up to 100',
          'to',
        ) ?? makeFaultIf(areMixed(shares.map(([place]) => place)), 'places that overlap', 'to')
      )
    }) ??
    makeFaultIf(
      areMixed(distribute.map(entry => readText(entry, 'from') ?? '')),
      'places that overlap',
      'distribute',
    ) ??
    findFailoverFault(setting)
  )
}

const hasTopology = (setting: unknown): boolean =>
  readTexts(setting, 'failoverPriority').some(label =>
    ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'].includes(
      label,
    ),
  )

const findFailoverFault = (setting: unknown): Fault =>
  checkListAt(setting, 'failover', entry => {
    const [from, to] = [readText(entry, 'from') ?? '', readText(entry, 'to') ?? '']
    return (
      makeFaultIf(from === to, 'a region that stands in for itself') ??
      makeFaultIf(/[/*]/.test(from + to), 'more or less than a region')
    )
  })

/** Tells whether places are malformed, or a place is inside an earlier place of the list. See validateLocalities. */
function areMixed(places: readonly string[]): boolean {
  const earlier: (readonly string[])[] = []
  for (const place of places) {
    const parts = place.split('/')
    if (parts.slice(0, 3).includes('') || /\*./.test(place)) return true
    const isWithin = (outer: readonly string[]) =>
      outer[0] === '*' || outer.every((part, index) => part === '*' || part === parts[index])
    if (
      earlier.some(isWithin) ||
      (parts.length < 3 && earlier.some(inner => parts.every((part, i) => part === inner[i])))
    )
      return true
    earlier.push(parts)
  }
  return false
}

/** See ValidateTLS in agent/validation.go. */
function findClientTlsFault(tls: ManifestMap): Fault {
  const mode = readText(tls, 'mode') ?? 'DISABLE'
  const isOwn = mode === 'SIMPLE' || mode === 'MUTUAL'
  const has = (key: string) => !isEmptyAt(tls, key)
  const trusted = ['caCertificates', 'subjectAltNames', ...(mode === 'SIMPLE' ? ['credentialName'] : [])]
  const files = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl']
  return (
    makeFaultIf(
      isOwn && tls['insecureSkipVerify'] === true && trusted.some(has),
      '`insecureSkipVerify` beside what is trusted',
    ) ??
    (isOwn && has('credentialName')
      ? makeFaultIf(files.some(has), '`credentialName` beside files of certificates')
      : makeFaultIf(
          mode === 'MUTUAL' && !(has('clientCertificate') && has('privateKey')),
          'mutual TLS without a certificate and its key',
        ))
  )
}
