import { expandHost } from '../hosts.ts'
import { evenly, nearFirst } from '../localities.ts'
import type { ManifestObject } from '../manifest-object.ts'
import type { ClientTls, DestinationRule, LocalityNote, TrafficPolicy } from '../model.ts'
import { specFields } from './kinds.ts'
import { readObject } from './read-object.ts'
import { isTrueAt, listAt, mapAt, numberAt, readLabels, readText, readTexts } from './values.ts'

/** `exportTo` as it is written: an empty list has a meaning of its own when rules of one host are merged. */
export function readDestinationRule(source: ManifestObject): DestinationRule {
  const spec = mapAt(source.value, 'spec')
  const object = readObject(source, specFields['DestinationRule'])
  const selector = mapAt(spec, 'workloadSelector')
  return {
    host: expandHost(readText(spec, 'host') ?? '', object.namespace),
    exportTo: readTexts(spec, 'exportTo'),
    workloadSelector: selector && readLabels(selector, 'matchLabels'),
    trafficPolicy: findTrafficPolicy(mapAt(spec, 'trafficPolicy'), ['spec', 'trafficPolicy']),
    subsets: listAt(spec, 'subsets').map((subset, index) => {
      const path = ['spec', 'subsets', index]
      return {
        name: readText(subset, 'name') ?? '',
        labels: readLabels(subset, 'labels'),
        trafficPolicy: findTrafficPolicy(mapAt(subset, 'trafficPolicy'), [...path, 'trafficPolicy']),
        path,
      }
    }),
    ...object,
  }
}

type Path = readonly (string | number)[]

function findTrafficPolicy(policy: unknown, path: Path): TrafficPolicy | undefined {
  if (policy === undefined) return undefined
  return {
    portLevel: listAt(policy, 'portLevelSettings').map((settings, index) => ({
      port: numberAt(mapAt(settings, 'port'), 'number') ?? 0,
      ...getSettings(settings, [...path, 'portLevelSettings', index]),
    })),
    path,
    ...getSettings(policy, path),
  }
}

const getSettings = (settings: unknown, path: Path) => ({
  tls: findClientTls(mapAt(settings, 'tls'), [...path, 'tls']),
  isPassthrough: readText(mapAt(settings, 'loadBalancer'), 'simple') === 'PASSTHROUGH',
  isBalanced: mapAt(settings, 'loadBalancer') !== undefined,
  isEjecting: mapAt(settings, 'outlierDetection') !== undefined,
  localities: describeLocalities(mapAt(mapAt(settings, 'loadBalancer'), 'localityLbSetting'), [
    ...path,
    'loadBalancer',
    'localityLbSetting',
  ]),
})

/** Describes the shares of localities. The chosen endpoint depends on the locality of the caller. */
function describeLocalities(setting: unknown, path: Path): LocalityNote | undefined {
  if (setting === undefined) return undefined
  if (mapAt({ setting }, 'setting')?.['enabled'] === false)
    return { says: evenly, needsEjection: false, path }
  const distribute = listAt(setting, 'distribute').map(each => {
    const shares = Object.entries(mapAt(each, 'to') ?? {}).map(([to, share]) => `${to} ${String(share)} %`)
    return `from ${readText(each, 'from') ?? ''}: ${shares.join(', ')}`
  })
  if (distribute.length > 0)
    return { says: `shares by locality, ${distribute.join('; ')}`, needsEjection: false, path }
  const failover = listAt(setting, 'failover').map(
    each => `${readText(each, 'from') ?? ''} to ${readText(each, 'to') ?? ''}`,
  )
  const words = failover.length > 0 ? `; where a region fails, from ${failover.join(', ')}` : ''
  return { says: `${nearFirst}${words}`, needsEjection: true, path }
}

function findClientTls(tls: unknown, path: Path): ClientTls | undefined {
  if (tls === undefined) return undefined
  const mode = readText(tls, 'mode')
  return {
    mode: mode === 'SIMPLE' || mode === 'MUTUAL' || mode === 'ISTIO_MUTUAL' ? mode : 'DISABLE',
    sni: readText(tls, 'sni') ?? '',
    subjectAltNames: readTexts(tls, 'subjectAltNames'),
    credentialName: readText(tls, 'credentialName') ?? '',
    hasCertificate: Boolean(readText(tls, 'clientCertificate')) && Boolean(readText(tls, 'privateKey')),
    insecureSkipVerify: isTrueAt(tls, 'insecureSkipVerify'),
    path,
  }
}
