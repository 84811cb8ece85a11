import { isDuration } from '../fields.ts'
import { isMap, listAt, type ManifestMap, mapAt, numberAt, textAt, textsAt } from '../values.ts'
import {
  faultOfConnectionPool,
  faultOfDuration,
  faultOfExportTo,
  faultOfSelector,
  portProblem,
} from './common.ts'
import {
  type Fault,
  faultAt,
  faultIf,
  faultInList,
  faultOf,
  faultOfSeveral,
  isEmptyAt,
  isPresent,
  repeatedIn,
} from './faults.ts'
import { addressProblem, domainProblem, faultOfLabels, isDnsLabel, isFullDomain } from './names.ts'

/** See ValidateDestinationRule in pkg/config/validation/validation.go of istio/istio. */
export function faultOfDestinationRule(spec: ManifestMap, namespace: string): Fault {
  const names = listAt(spec, 'subsets').map(subset => textAt(subset, 'name') ?? '')
  const repeated = repeatedIn(names)
  return (
    faultOf(domainProblem(textAt(spec, 'host') ?? ''), 'host') ??
    faultAt(spec, 'trafficPolicy', faultOfPolicy) ??
    faultIf(repeated !== undefined, `a second subset \`${repeated}\``, 'subsets') ??
    faultInList(
      spec,
      'subsets',
      subset =>
        faultIf(!isDnsLabel(textAt(subset, 'name') ?? ''), 'no name of a subset', 'name') ??
        faultOfLabels(subset, 'labels') ??
        faultAt(subset, 'trafficPolicy', faultOfPolicy),
    ) ??
    faultOfExportTo(spec, namespace, false) ??
    faultIf(
      mapAt(spec, 'workloadSelector') !== undefined &&
        textsAt(spec, 'exportTo').some(name => name !== '.' && name !== namespace),
      'a rule with a selector is for its own namespace only',
      'exportTo',
    ) ??
    faultOfSelector(spec, 'workloadSelector', 'matchLabels')
  )
}

/** See validateTrafficPolicy. */
const faultOfPolicy = (policy: ManifestMap): Fault =>
  faultIf(
    ![...partsOfPort, 'tunnel', 'proxyProtocol', 'retryBudget'].some(key => isPresent(policy, key)) &&
      isEmptyAt(policy, 'portLevelSettings'),
    'an empty policy',
  ) ??
  faultIf(
    isPresent(policy, 'tunnel') && isPresent(policy, 'proxyProtocol'),
    '`tunnel` and `proxyProtocol` exclude each other',
  ) ??
  faultOfParts(policy) ??
  faultInList(
    policy,
    'portLevelSettings',
    settings =>
      faultIf(!isPresent(settings, 'port'), 'no `port`') ??
      faultIf(!partsOfPort.some(key => isPresent(settings, key)), 'an empty policy') ??
      faultOfParts(isMap(settings) ? settings : {}),
  ) ??
  faultAt(policy, 'tunnel', faultOfTunnel)

const partsOfPort = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls']

const faultOfParts = (policy: ManifestMap): Fault =>
  faultAt(policy, 'outlierDetection', faultOfOutliers) ??
  faultOfConnectionPool(policy, 'connectionPool') ??
  faultAt(policy, 'loadBalancer', faultOfLoadBalancer) ??
  faultAt(policy, 'tls', faultOfClientTls)

/** See validateTunnelSettings. */
function faultOfTunnel(tunnel: ManifestMap): Fault {
  const protocol = textAt(tunnel, 'protocol') ?? ''
  const host = textAt(tunnel, 'targetHost') ?? ''
  return (
    faultIf(!['', 'CONNECT', 'POST'].includes(protocol), 'neither `CONNECT` nor `POST`', 'protocol') ??
    faultOf(isFullDomain(host) ? undefined : addressProblem(host), 'targetHost') ??
    faultOf(portProblem(numberAt(tunnel, 'targetPort')), 'targetPort')
  )
}

/** See validateOutlierDetection. */
const faultOfOutliers = (outliers: ManifestMap): Fault =>
  faultOfDuration(outliers, 'baseEjectionTime') ??
  faultOfDuration(outliers, 'interval') ??
  faultIf(
    outliers['splitExternalLocalOriginErrors'] !== true &&
      (numberAt(outliers, 'consecutiveLocalOriginFailures') ?? 0) > 0,
    'failures of local origin are counted where they are not split from others',
  ) ??
  faultOfPercent(outliers, 'maxEjectionPercent') ??
  faultOfPercent(outliers, 'minHealthPercent')

const faultOfPercent = (value: unknown, key: string): Fault => {
  const percent = numberAt(value, key) ?? 0
  return faultIf(
    !Number.isInteger(percent) || percent < 0 || percent > 100,
    'no whole number from 0 to 100',
    key,
  )
}

/** See validateLoadBalancer. */
const faultOfLoadBalancer = (balancer: ManifestMap): Fault =>
  faultOfSeveral(balancer, 'simple', 'consistentHash') ??
  faultOfSeveral(balancer, 'localityLbSetting', 'zoneAwareLbSetting') ??
  faultAt(balancer, 'consistentHash', faultOfHash) ??
  faultAt(balancer, 'localityLbSetting', faultOfLocalities) ??
  faultAt(
    balancer,
    'zoneAwareLbSetting',
    zones => faultOfFailover(zones) ?? faultIf(hasTopology(zones), 'a label of a place', 'failoverPriority'),
  ) ??
  faultAt(
    balancer,
    'warmup',
    warmup =>
      faultIf(!isPresent(warmup, 'duration'), 'no duration') ??
      faultOfDuration(warmup, 'duration') ??
      faultIf((numberAt(warmup, 'aggression') ?? 1) <= 0, 'a number that is not above 0', 'aggression') ??
      faultIf((numberAt(warmup, 'minimumPercent') ?? 0) > 100, 'more than 100 per cent', 'minimumPercent'),
  )

function faultOfHash(hash: ManifestMap): Fault {
  const size = numberAt(mapAt(hash, 'maglev'), 'tableSize') ?? 0
  return (
    faultOfSeveral(hash, 'httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName') ??
    faultOfSeveral(hash, 'ringHash', 'maglev') ??
    faultIf(
      (numberAt(hash, 'minimumRingSize') ?? 0) !== 0 &&
        (isPresent(hash, 'ringHash') || isPresent(hash, 'maglev')),
      '`minimumRingSize` beside an algorithm',
    ) ??
    faultIf(
      isPresent(hash, 'maglev') && !(size < 5_000_011 && isPrime(size)),
      'no prime below 5000011',
      'maglev',
    ) ??
    faultAt(hash, 'httpCookie', cookie => {
      const names = listAt(cookie, 'attributes').map(attribute => textAt(attribute, 'name') ?? '')
      return (
        faultIf(isEmptyAt(cookie, 'name'), 'an empty name', 'name') ??
        faultIf(isPresent(cookie, 'ttl') && !isDuration(cookie['ttl']), 'this is not a duration', 'ttl') ??
        faultIf(
          names.includes('') || repeatedIn(names) !== undefined,
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
function faultOfLocalities(setting: ManifestMap): Fault {
  const distribute = listAt(setting, 'distribute')
  const hasFailover = !isEmptyAt(setting, 'failover')
  return (
    faultIf(distribute.length > 0 && hasFailover, '`distribute` and `failover` exclude each other') ??
    faultIf(
      hasFailover && hasTopology(setting),
      '`failover` beside a label of a place',
      'failoverPriority',
    ) ??
    faultInList(setting, 'distribute', entry => {
      const shares = Object.entries(mapAt(entry, 'to') ?? {})
      const weights = shares.map(([, weight]) => Number(weight))
      return (
        faultIf(
          weights.some(weight => weight < 1 || weight > 100) ||
            weights.reduce((sum, weight) => sum + weight, 0) !== 100,
          'weights that do not add up to 100',
          'to',
        ) ?? faultIf(areMixed(shares.map(([place]) => place)), 'places that overlap', 'to')
      )
    }) ??
    faultIf(
      areMixed(distribute.map(entry => textAt(entry, 'from') ?? '')),
      'places that overlap',
      'distribute',
    ) ??
    faultOfFailover(setting)
  )
}

const hasTopology = (setting: unknown): boolean =>
  textsAt(setting, 'failoverPriority').some(label =>
    ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'].includes(
      label,
    ),
  )

const faultOfFailover = (setting: unknown): Fault =>
  faultInList(setting, 'failover', entry => {
    const [from, to] = [textAt(entry, 'from') ?? '', textAt(entry, 'to') ?? '']
    return (
      faultIf(from === to, 'a region that stands in for itself') ??
      faultIf(/[/*]/.test(from + to), 'more or less than a region')
    )
  })

/** Whether places are written wrongly, or one lies within another that stands before it. See validateLocalities. */
function areMixed(places: readonly string[]): boolean {
  const known: (readonly string[])[] = []
  for (const place of places) {
    const parts = place.split('/')
    if (parts.slice(0, 3).includes('') || /\*./.test(place)) return true
    const isWithin = (outer: readonly string[]) =>
      outer[0] === '*' || outer.every((part, index) => part === '*' || part === parts[index])
    if (
      known.some(isWithin) ||
      (parts.length < 3 && known.some(inner => parts.every((part, i) => part === inner[i])))
    )
      return true
    known.push(parts)
  }
  return false
}

/** See ValidateTLS in agent/validation.go. */
function faultOfClientTls(tls: ManifestMap): Fault {
  const mode = textAt(tls, 'mode') ?? 'DISABLE'
  const isOwn = mode === 'SIMPLE' || mode === 'MUTUAL'
  const has = (key: string) => !isEmptyAt(tls, key)
  const trusted = ['caCertificates', 'subjectAltNames', ...(mode === 'SIMPLE' ? ['credentialName'] : [])]
  const files = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl']
  return (
    faultIf(
      isOwn && tls['insecureSkipVerify'] === true && trusted.some(has),
      '`insecureSkipVerify` beside what is trusted',
    ) ??
    (isOwn && has('credentialName')
      ? faultIf(files.some(has), '`credentialName` beside files of certificates')
      : faultIf(
          mode === 'MUTUAL' && !(has('clientCertificate') && has('privateKey')),
          'mutual TLS without a certificate and its key',
        ))
  )
}
