import { readList, readRecord } from '../../schema/json-schema.ts'
import { nameOfObject } from '../manifests/name-of-object.ts'
import { isMap } from '../source/document.ts'
import type { Side } from './side.ts'

/**
 * Lists the deliveries of Argo CD: a sentence for each Application with its source, its destination and its sync mode, and a sentence
 * for each source that a project allows. The revision of a chart is the version of Istio, and not a source. See
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml
 */
export function listDeliveries({ files }: Side): readonly string[] {
  return files
    .filter(({ isForCluster }) => !isForCluster)
    .flatMap(({ objects }) => objects)
    .flatMap(({ value }) => {
      const { kind, spec } = readRecord(value)
      const name = nameOfObject(value)
      if (kind === 'Application') return [`${name} ${applicationWords(readRecord(spec))}`]
      if (kind === 'ApplicationSet') return [`${name} makes Applications of ${JSON.stringify(spec)}`]
      if (kind !== 'AppProject') return []
      const { sourceRepos, destinations } = readRecord(spec)
      return [
        ...readList(sourceRepos).map(repository => `${name} allows manifests of ${printField(repository)}`),
        ...clustersIn(destinations).map(cluster => `${name} allows the cluster ${cluster}`),
      ]
    })
}

function applicationWords({ source, sources, destination, syncPolicy }: Readonly<Record<string, unknown>>) {
  const all = [source, ...readList(sources)].filter(isMap)
  const from = all.map(each => {
    const { repoURL, path, chart, targetRevision } = each
    const place =
      chart === undefined
        ? `${printField(path)} at ${printField(targetRevision)}`
        : `chart ${printField(chart)}`
    return `${printField(repoURL)} ${place}`
  })
  const { server, name, namespace } = readRecord(destination)
  const to = `${printField(server ?? name)}${namespace === undefined ? '' : `, namespace ${printField(namespace)}`}`
  const { automated } = readRecord(syncPolicy)
  const isAutomatic = isMap(automated) && automated['enabled'] !== false
  const how = isAutomatic ? 'by itself' : 'when a person syncs'
  return `brings ${from.join(' and ')} to ${to}, ${how}`
}

const clustersIn = (destinations: unknown): readonly string[] => [
  ...new Set(
    readList(destinations).map(destination => {
      const { server, name } = readRecord(destination)
      return printField(server ?? name)
    }),
  ),
]

const printField = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)
